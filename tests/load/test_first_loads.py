"""Many executions of one claim, each with a table of its own: one PUT for all their files."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sandbox.snowflake.faults import UPLOAD
from sync.destinations.connect import destination_of
from sync.load import table_registry
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, WorkflowExecution
from sync.snowflake.load import clear_staged_files, copy, own_table
from sync.snowflake.session import Answer, Session
from sync.snowflake.statements import STAGE
from sync.worker.lease import StoppingError
from tests.load.travelling import Travelling
from tests.world import World

COLUMNS = [("name", "string"), ("clicks", "integer")]
OTHERS = [("day", "date")]
REFUSED = {"code": "100038", "sqlstate": "22018", "message": "Numeric value is not recognized"}


@pytest.fixture
def together(world: World, tmp_path: Path) -> Iterator[Travelling]:
    """A destination that has loaded once: session and stage are there."""
    found = Travelling(world, tmp_path)
    complete(world, 1)
    found.load()
    world.snowflake.server.reset_log()
    yield found
    world.snowflake.server.clear_faults()
    found.pool.close()


def complete(world: World, count: int) -> list[WorkflowExecution]:
    return [world.complete(COLUMNS, [[f"row {n}", n], ["", None]]) for n in range(count)]


def check(world: World, executions: Sequence[WorkflowExecution]) -> None:
    """Each has its own rows, in a table of its own that is known by its columns."""
    for n, execution in enumerate(executions):
        assert world.rows(execution) == [(f"row {n}", n), ("", None)]
        assert world.item(execution).status == "completed"
    known = SyncTable.objects.filter(execution_id__in=[execution.execution_id for execution in executions])
    assert [len(table.columns or ()) for table in known] == [5] * len(executions)


def attempt(execution: WorkflowExecution) -> SyncAttempt:
    return SyncAttempt.objects.filter(item__execution=execution).latest("pk")


def test_one_put_for_all_then_create_and_copy_each(together: Travelling) -> None:
    executions = complete(together.world, 20)
    assert together.load() == ["completed"] * 20
    assert together.verbs == ["PUT", *["CREATE", "COPY"] * 20]
    check(together.world, executions)
    assert together.staged == 0
    assert list(together.spool.iterdir()) == []


def test_one_alone_is_three_statements(together: Travelling) -> None:
    complete(together.world, 1)
    together.load()
    assert together.verbs == ["CREATE", "PUT", "COPY"]


def test_an_attempt_counts_what_all_sent_and_names_its_own_queries(together: Travelling) -> None:
    executions = complete(together.world, 5)
    together.load()
    attempts = [attempt(execution) for execution in executions]
    assert {(a.batch_size, a.statement_count, a.row_count) for a in attempts} == {(5, 11, 2)}
    # The local Snowflake gives a PUT no id.
    queries = [a.query_ids or [] for a in attempts]
    assert {len(ids) for ids in queries} == {2}
    assert len(set().union(*queries)) == 10
    assert all((a.byte_count or 0) > 0 and set(a.timings or ()) >= {"extract", "load"} for a in attempts)


def test_results_without_rows_and_results_that_cannot_be_loaded(together: Travelling) -> None:
    good = complete(together.world, 3)
    empty = together.world.complete(COLUMNS, [])
    bad = together.world.complete(COLUMNS, [["x", "many"]])
    long = together.world.complete(COLUMNS, [["x" * 1_000, n] for n in range(3_000)] + [["x", "many"]])
    other = together.world.complete(OTHERS, [["2026-01-02"]])
    together.load()
    assert Counter(together.verbs) == {"PUT": 1, "CREATE": 5, "COPY": 4}
    check(together.world, good)
    assert together.world.rows(empty) == []
    assert [str(day) for (day,) in together.world.rows(other)] == ["2026-01-02"]
    assert {together.world.item(e).error_code for e in (bad, long)} == {"value_does_not_fit"}
    assert attempt(good[0]).batch_size == 5
    assert together.staged == 0


def test_what_snowflake_refuses_fails_alone_and_its_file_goes(together: Travelling) -> None:
    executions = complete(together.world, 5)
    together.world.snowflake.server.inject("COPY INTO", "error", after=2, **REFUSED)
    assert sorted(together.load()) == ["completed"] * 4 + ["failed"]
    failed = SyncQueueItem.objects.get(status="failed")
    assert failed.error_code == "load_rejected"
    check_but(together.world, executions, failed.execution_id)
    assert together.verbs.count("REMOVE") == 1
    assert together.staged == 0
    assert tables(together.world) == 5  # one was loaded before; none is left without its rows
    assert attempt(next(e for e in executions if e.execution_id == failed.execution_id)).query_ids


def tables(world: World) -> int:
    ((found,),) = world.snowflake.rows("SELECT count(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC'")
    return int(str(found))


def check_but(world: World, executions: Sequence[WorkflowExecution], but: str) -> None:
    for n, execution in enumerate(executions):
        if execution.execution_id != but:
            assert world.rows(execution) == [(f"row {n}", n), ("", None)]


def test_a_table_that_is_somebody_elses_fails_alone(together: Travelling) -> None:
    executions = complete(together.world, 3)
    theirs = executions[1]
    name = f"WORKFLOW_EXECUTION_{theirs.created_at:%Y%m%d}_" + theirs.execution_id.upper().replace("-", "_")
    together.world.snowflake.rows(f'CREATE TABLE "{name}" AS SELECT 1 AS A')
    together.load()
    assert together.world.item(theirs).error_code == "table_not_ours"
    assert not SyncTable.objects.filter(execution_id=theirs.execution_id).exists()
    assert together.world.snowflake.rows(f'SELECT * FROM "{name}"') == [(1,)]
    check_but(together.world, executions, theirs.execution_id)
    assert together.staged == 0


@pytest.mark.parametrize("number", [0, 2])
def test_where_one_file_of_a_put_fails_each_is_tried_alone(together: Travelling, number: int) -> None:
    executions = complete(together.world, 3)
    together.world.snowflake.server.inject(UPLOAD, "status", status=412, after=number, sticky=True)
    assert together.load() == ["completed"] * 3
    check(together.world, executions)
    assert together.verbs == ["PUT", "REMOVE", *["CREATE", "PUT", "COPY"] * 3]
    assert together.staged == 0
    assert {(a.batch_size, a.statement_count) for a in map(attempt, executions)} == {(1, 5)}


def test_a_put_that_does_not_say_of_each_file_that_it_came(
    together: Travelling, monkeypatch: pytest.MonkeyPatch
) -> None:
    executions = complete(together.world, 3)
    rows = saying_less(monkeypatch)
    assert together.load() == ["completed"] * 3
    assert rows == [3, 1, 1, 1]
    check(together.world, executions)
    assert together.staged == 0


def saying_less(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One of the files of the first PUT is gone from its answer. How many rows each PUT had."""
    seen: list[int] = []
    execute = Session.execute

    def fewer(self: Session, sql: str, doing: str, *, loads: bool = False) -> Answer:
        answer = execute(self, sql, doing, loads=loads)
        if sql.startswith("PUT"):
            seen.append(len(answer.rows))
            if len(seen) == 1:
                return Answer(answer.rows[1:], answer.query_id, answer.rowcount)
        return answer

    monkeypatch.setattr(Session, "execute", fewer)
    return seen


def test_a_destination_that_refuses_keeps_its_items_and_no_file(together: Travelling) -> None:
    complete(together.world, 4)
    missing = {"code": "003001", "sqlstate": "42501", "message": "Insufficient privileges"}
    together.world.snowflake.server.inject("CREATE TABLE", "error", after=1, **missing)
    assert sorted(together.load()) == ["completed", "pending", "pending", "pending"]
    assert SnowflakeConfiguration.objects.get().state.breaker_code == "privilege_missing"
    assert together.staged == 0
    assert SyncTable.objects.filter(columns__isnull=False).count() == 2


def test_what_postgresql_does_not_take_note_of_is_loaded_again(
    together: Travelling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table whose columns are not known is in no view."""
    executions = complete(together.world, 3)

    def away(*_args: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(table_registry, "note_loaded", away)
        assert together.load() == ["pending"] * 3
    SyncQueueItem.objects.filter(status="pending").update(run_after=timezone.now())
    assert together.load() == ["completed"] * 3
    check(together.world, executions)


def test_files_that_all_went_to_one_address(together: Travelling) -> None:
    """A COPY does not find its file, though PUT has said UPLOADED of it."""
    executions = complete(together.world, 3)
    missing = "Remote file 'stage/x.csv.zst' was not found."
    fault = {"code": "091016", "sqlstate": "02000", "message": missing}
    together.world.snowflake.server.inject("COPY INTO", "error", **fault)
    assert together.load() == ["completed"] * 3
    check(together.world, executions)
    assert together.verbs[:4] == ["PUT", "CREATE", "COPY", "REMOVE"]
    assert together.verbs.count("PUT") == 4
    assert together.staged == 0


def test_a_stage_that_is_dropped_between_put_and_copy(together: Travelling, monkeypatch: pytest.MonkeyPatch) -> None:
    executions = complete(together.world, 3)
    seen: list[object] = []

    def drop_first(*args: object, **options: object) -> None:
        if not seen:
            together.world.snowflake.rows(f'DROP STAGE "{together.world.snowflake.database}"."PUBLIC".{STAGE}')
        seen.append(args)
        copy(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(own_table, "copy", drop_first)
    assert together.load() == ["completed"] * 3
    check(together.world, executions)


@pytest.mark.parametrize("statements", range(5))
def test_a_worker_that_stops_between_its_statements(together: Travelling, statements: int) -> None:
    """Each claim ends as far as its own load came; the next try finds what there is. Files that stay are cleared."""
    executions = complete(together.world, 2)
    asked = iter(range(statements))

    def guard() -> None:
        if next(asked, None) is None:
            raise StoppingError

    became = together.load(guard)
    left = together.staged
    assert left == [0, 2, 2, 1, 1][statements]
    assert clear(together) == bool(left)
    assert became.count("completed") == [0, 0, 0, 1, 1][statements]
    assert together.load() == ["completed"] * became.count("pending")
    check(together.world, executions)


def clear(together: Travelling) -> int:
    """Directories in the stage that are removed as left behind."""
    destination = destination_of(together.world.configuration.pk).destination
    with together.pool.session(destination) as session:
        return clear_staged_files(session, destination.table(""), timezone.now() + timedelta(days=1))


def test_answers_that_are_lost_double_nothing(together: Travelling) -> None:
    executions = complete(together.world, 3)
    together.world.snowflake.server.inject("(PUT|CREATE|COPY)", "drop_after", times=3)
    assert together.load() == ["completed"] * 3
    check(together.world, executions)
    assert together.staged == 0


def test_what_was_loaded_before_goes_its_own_way(together: Travelling) -> None:
    before = complete(together.world, 2)
    together.load()
    for execution in before:
        execution.result_rows, execution.result_total_rows = [["changed", 7]], 1
        execution.save()
    new = complete(together.world, 2)
    together.world.snowflake.server.reset_log()
    assert together.load() == ["completed"] * 4
    assert together.verbs == ["PUT", *["CREATE", "COPY"] * 2, *["CREATE", "PUT", "COPY", "INSERT", "DROP"] * 2]
    assert [together.world.rows(execution) for execution in before] == [[("changed", 7)]] * 2
    check(together.world, new)


def test_a_schema_that_one_asked_for_is_loaded_by_itself(together: Travelling) -> None:
    asked = together.world.complete(COLUMNS, [["a", 1]], snowflake_schema_name="NOWHERE")
    plain = complete(together.world, 2)
    missing = {"code": "002003", "sqlstate": "02000", "message": "Schema 'NOWHERE' does not exist or not authorized."}
    together.world.snowflake.server.inject("NOWHERE", "error", times=None, **missing)
    together.load()
    assert together.world.item(asked).error_code == "target_refused"
    check(together.world, plain)
