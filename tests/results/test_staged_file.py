from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import zstandard

from sync.errors import PermanentError
from sync.results import ResultColumn, Shape, StagedFile, snapshot, staged_file
from sync.results.copying import CHUNK
from sync.snowflake.types import ColumnType, Kind
from tests.results.conftest import Executions, append, decompressed, inspect
from tests.results.csv_reader import Record, records

COLUMN = [{"name": "a", "type": "int"}]
# Each line is longer than 50 bytes.
MANY = CHUNK // 50 * 3


def lines(file: StagedFile) -> list[Record]:
    return records(decompressed(file))


def store_many(executions: Executions, last: str, middle: str = "1") -> None:
    """Rows 1, 2, … of several chunks, another value in the middle, and at the end."""
    executions.store(COLUMN, "[]", execution_id="many")
    executions.execute(
        """UPDATE workflow_executions SET result_rows = (
            SELECT jsonb_agg(jsonb_build_array(
                CASE g WHEN %s THEN %s::jsonb WHEN %s THEN %s::jsonb ELSE to_jsonb(g) END) ORDER BY g)
            FROM generate_series(1, %s) g) WHERE execution_id = 'many'""",
        [MANY, last, MANY // 2, middle, MANY],
    )


def test_file_is_there_inside_the_block_only(tmp_path: Path) -> None:
    with StagedFile(tmp_path) as file:
        assert file.path.parent == tmp_path
        assert file.path.name.endswith(".csv.zst")
        assert file.path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []


def test_file_goes_when_the_block_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), StagedFile(tmp_path):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_size_and_rows(executions: Executions) -> None:
    executions.store(COLUMN, [[n] for n in range(1000)])
    with snapshot(executions.connection) as cursor, StagedFile() as file:
        assert append(file, cursor, inspect(cursor, "e")) == 1000
        size = file.finish()
        assert size == file.path.stat().st_size
        assert 0 < size < 10_000
        assert file.finish() == size


def test_empty_file_is_a_whole_stream() -> None:
    with StagedFile() as file:
        file.finish()
        assert decompressed(file) == ""


def test_synced_at_is_in_utc(executions: Executions) -> None:
    executions.store(COLUMN, [[1]])
    east = datetime(2026, 2, 3, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with snapshot(executions.connection) as cursor, StagedFile() as file:
        shape = inspect(cursor, "e")
        append(file, cursor, shape, east)
        with pytest.raises(ValueError, match="time zone"):
            append(file, cursor, shape, datetime(2026, 2, 3))  # noqa: DTZ001 - what is to be refused
        file.finish()
        assert lines(file) == [["1", "e", "1", "2026-02-02 19:30:00.000000"]]


def test_nothing_can_follow_the_end(executions: Executions) -> None:
    executions.store(COLUMN, [[1]])
    with snapshot(executions.connection) as cursor, StagedFile() as file:
        file.finish()
        with pytest.raises(RuntimeError, match="no more results"):
            append(file, cursor, inspect(cursor, "e"))


def test_a_small_result_that_is_refused_leaves_no_trace(executions: Executions) -> None:
    executions.store(COLUMN, [[1]], execution_id="one")
    executions.store(COLUMN, [[2], ["x"]], execution_id="bad")
    executions.store(COLUMN, [[3], ["+3"]], execution_id="three")
    with snapshot(executions.connection) as cursor, StagedFile() as file:
        append(file, cursor, inspect(cursor, "one"))
        with pytest.raises(PermanentError, match="row 2: the value does not fit"):
            append(file, cursor, inspect(cursor, "bad"))
        assert not file.is_partly_written
        append(file, cursor, inspect(cursor, "three"))
        file.finish()
        assert [line[0] for line in lines(file)] == ["1", "3", "3"]


def test_a_large_result_that_is_refused_leaves_a_file_partly_written(executions: Executions) -> None:
    store_many(executions, last='"x"')
    with snapshot(executions.connection) as cursor, StagedFile() as file:
        shape = inspect(cursor, "many")
        with pytest.raises(PermanentError, match=f"column 'a', row {MANY}: the value does"):
            append(file, cursor, shape)
        assert file.is_partly_written
        with pytest.raises(RuntimeError, match="no more results"):
            append(file, cursor, shape)
        with pytest.raises(RuntimeError, match="was refused"):
            file.finish()


@pytest.mark.parametrize("path", ["fast", "exact", "stopped", "stopped late"])
def test_a_large_result(executions: Executions, path: str, request: pytest.FixtureRequest) -> None:
    """Where the fast projection stops, the exact one goes on: each row is there, once, and in order."""
    if path == "exact":
        request.getfixturevalue("only_exact")
    store_many(executions, last='"+7"' if path == "stopped late" else "7", middle='"+5"' if path == "stopped" else "5")
    with snapshot(executions.connection) as cursor, StagedFile() as file:
        assert append(file, cursor, inspect(cursor, "many")) == MANY
        file.finish()
        found = lines(file)
    assert [line[2] for line in found] == [str(n) for n in range(1, MANY + 1)]
    middle, last = found[MANY // 2 - 1][0], found[-1][0]
    assert (middle, last) == ("5", "7")
    assert found[-2][0] == str(MANY - 1)


def test_rows_that_went_missing_on_the_way_are_noticed(executions: Executions) -> None:
    executions.store(COLUMN, [[1]])
    shape = Shape("e", (ResultColumn("a", ColumnType(Kind.INTEGER)),), rows_as_objects=False, rows=2)
    with snapshot(executions.connection) as cursor, StagedFile() as file, pytest.raises(Exception, match="1 of 2 rows"):
        append(file, cursor, shape)


def test_a_full_disk_is_an_error_and_the_connection_goes_on(
    executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_many(executions, last="7")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with StagedFile() as file:
        monkeypatch.setattr(file, "_write", full)
        with pytest.raises(OSError, match="No space"), snapshot(executions.connection) as cursor:
            append(file, cursor, inspect(cursor, "many"))
    assert executions.execute("SELECT 1") == [(1,)]


def test_a_large_result_goes_on_in_further_files(
    executions: Executions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each begins with a whole line."""
    monkeypatch.setattr(staged_file, "LARGEST", 10_000)
    store_many(executions, "1")
    with snapshot(executions.connection) as cursor, StagedFile(tmp_path) as file:
        assert append(file, cursor, inspect(cursor, "many")) == MANY
        size = file.finish()
        assert len(file.paths) > 1
        assert size == sum(path.stat().st_size for path in file.paths)
        found = [line for path in file.paths for line in zstandard.decompress(path.read_bytes(), 1 << 30).splitlines()]
        assert [int(line.split(b",")[-2]) for line in found] == list(range(1, MANY + 1))
    assert list(tmp_path.iterdir()) == []
