"""What of rules is SQL and what is not, and what nobody is to read anywhere."""

import json
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from sync.errors import PermanentError
from sync.results import ResultColumn, Shape, snapshot
from sync.results.projection import Projection
from sync.snowflake.types import ColumnType, Kind
from tests.results.conftest import (
    KEY,
    Executions,
    by_key,
    column_rule,
    compare,
    hmac_of,
    inspect,
    plan_of,
    rows_where,
)
from tests.results.test_names import NAMES

# Another process of the tests may write into the same log.
SECRET = f"s3cret{uuid.uuid4().hex}"

_UNCHANGED = """COPY (SELECT c1 AS c1, c2 AS c2, CASE WHEN ((r < '{"": null, "a": null, "b": null}'::jsonb AND \
num_nonnulls(c1, c2) = 2 OR CASE jsonb_typeof(r) WHEN 'object' THEN r < '{"": null, "a": null, "b": \
null}'::jsonb AND r ?& ARRAY['a','b'] OR r - ARRAY['a','b'] = '{}' ELSE FALSE END)) IS FALSE THEN 'x' END \
FROM (SELECT r, o, r ->> 'a' AS c1, r ->> 'b' AS c2 FROM (
    SELECT arr -> (o - 1) AS r, o FROM (SELECT arr, generate_series(1, least(1, jsonb_array_length(arr))) AS o FROM \
(SELECT result_rows::jsonb #> '{}' AS arr FROM workflow_executions
    WHERE execution_id = 'e' OFFSET 0) AS e) AS n OFFSET 0) AS t OFFSET 0) AS x)
    TO STDOUT (FORMAT csv, ENCODING 'UTF8', FORCE_QUOTE (c1, c2))"""


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("form", ["objects", "arrays"])
@pytest.mark.parametrize("setting", ["on", "off"])
def test_any_name_and_any_text(executions: Executions, setting: str, form: str) -> None:
    """Names of columns, rules and what they put in are no SQL."""
    names = [name for name in NAMES if name]
    values = [f"value {n}" for n in range(len(names))]
    row: Any = values if form == "arrays" else dict(zip(names, values, strict=True))
    rules = [
        {"name": f"{n} {name}".replace("\n", " ").replace("\t", " ").replace("\r", "")[:100].strip()}
        | column_rule("hash" if n % 2 else "mask", name, **({} if n % 2 else {"text": name}))
        for n, name in enumerate(names)
    ]
    conditions = [rows_where(**compare(name, "ne", name)) for name in names]
    likes = [rows_where(**compare(name, "like", "value *")) for name in names]
    added = {"kind": "add", "column": "'\"; --%s\\", "constant": "'\"; --%s\\"}
    executions.execute(f"SET standard_conforming_strings = {setting}")
    try:
        _, (line,) = executions.shape(names, [row], *rules, *conditions, *likes, added)
    finally:
        executions.execute("RESET standard_conforming_strings")
    expected = [hmac_of(value) if n % 2 else name for n, (name, value) in enumerate(zip(names, values, strict=True))]
    assert line == [*expected, "'\"; --%s\\"]


@pytest.fixture
def log(executions: Executions) -> Iterator[Path]:
    """The server's log, in which this session has everything written."""
    ((directory,),) = executions.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
    path = Path(directory) / "log"
    if not path.is_file():
        pytest.skip("the server's log is somewhere else")
    settings = {"log_statement": "all", "log_min_duration_statement": "0", "log_min_messages": "debug1",
                "log_min_error_statement": "debug5", "log_error_verbosity": "verbose"}  # fmt: skip
    for name, value in settings.items():
        executions.execute(f"SET {name} = '{value}'")
    yield path
    for name in settings:
        executions.execute(f"RESET {name}")


def test_neither_the_key_nor_what_is_hidden_is_anywhere(executions: Executions, log: Path) -> None:
    """On success, and on failures of every kind: of a cast, a constant, a path, a comparison, a scale."""
    columns = [
        {"name": "h", "type": "int"},
        "m",
        "d",
        {"name": "j", "type": "json"},
        "t",
        {"name": "n", "type": "decimal"},
    ]
    executions.store(columns, [[SECRET, SECRET, SECRET, {"a": SECRET}, "1", 1], [SECRET] * 6])
    start = log.stat().st_size
    rules = [column_rule("hash", "h"), column_rule("mask", "m"), column_rule("drop", "d")]
    whole = [*rules, column_rule("hash", "j", "t", "n")]
    failing: list[list[dict[str, Any]]] = [
        [column_rule("hash", "j", path="a"), column_rule("drop", "t", "n")],
        [column_rule("cast", "t", type="decimal(10,2)"), column_rule("drop", "j", "n")],
        [column_rule("cast", "t", type="decimal"), column_rule("drop", "j", "n")],
        [column_rule("cast", "t", type="timestamptz"), column_rule("drop", "j", "n")],
        [column_rule("hash", "j", "t", "n"), rows_where(**compare("h", "gt", 1))],
        [column_rule("drop", "j", "t")],
    ]
    assert len(executions.export(plan=plan_of(*whole))) == 2
    for more in failing:
        with pytest.raises(PermanentError) as raised:
            executions.export(plan=plan_of(*rules, *more))
        assert SECRET not in str(raised.value)
    with snapshot(executions.connection, KEY) as cursor:
        inspect(cursor, "e", plan_of(*whole))
        seen = _activity(executions)
    written = log.read_bytes()[start:].decode(errors="replace")
    assert "snowflake_sync_hash_pads" in written
    pads = [bytes(byte ^ mask for byte in KEY) for mask in (0, 0x36, 0x5C)]
    for place in (written, seen):
        for secret in (pad[:8] for pad in pads):
            assert secret.hex() not in place.lower()
            assert repr(secret)[2:-1] not in place
        assert SECRET not in place


def test_a_cast_alone_tells_no_value_either(executions: Executions, log: Path) -> None:
    executions.store(["t"], [["1"], [SECRET]])
    start = log.stat().st_size
    executions.execute("SELECT 'what is written'")
    for to in ("decimal", "int", "json", "date", "timestamptz", "boolean", "float"):
        with pytest.raises(PermanentError) if to != "json" else nullcontext():
            executions.export(plan=plan_of(column_rule("cast", "t", type=to)))
    written = log.read_bytes()[start:].decode(errors="replace")
    assert "what is written" in written
    assert SECRET not in written


def _activity(executions: Executions) -> str:
    other = psycopg2.connect(**executions.connection.get_connection_params())
    with other.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity")
        seen = json.dumps(cursor.fetchall())
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname = 'snowflake_sync_hash_pads' AND relpersistence <> 't'"
        )
        assert cursor.fetchone() == (0,)
    other.close()
    return seen


def test_without_rules_the_sql_is_what_it_was(executions: Executions) -> None:
    own = Shape("e", tuple(ResultColumn(key, ColumnType(Kind.TEXT)) for key in "ab"), rows_as_objects=True, rows=1)
    statement = Projection(own, by_key(own, own.columns)).fast()
    with executions.connection.cursor() as cursor:
        assert statement.as_string(cursor.cursor) == _UNCHANGED
