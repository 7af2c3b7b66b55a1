"""The database's side: reads all rows, and compares them with the model's."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from tests.queue.machine.seen import DestinationRow, ExecutionRow, ItemRow, NewsRow, Seen, WorkerRow
from tests.queue.machine.state import BY_TRIGGER, State

# All rows of all tables in one round trip: an array a column.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "ONLY snowflake_sync_queue": (
        "execution_id",
        "configuration_id",
        "id",
        "user_id",
        "batch_key",
        "status",
        "retry_count",
        "max_retries",
        "generation",
        "claimed_generation",
        "claimed_at",
        "claim_token",
        "worker_id",
        "run_after",
        "error_code",
        "error_message",
        "error_remedy",
        "processed_at",
        "table_name",
        "row_count",
        "result_hash",
        "source_version",
        "is_to_be_removed",
    ),
    "snowflake_sync_inbox": ("execution_id", "user_id", "run_after", "id", "arrival"),
    "workflow_executions": (
        "execution_id",
        "status",
        "(result_rows -> 0 ->> 'n')::integer",
        "snowflake_status",
        "snowflake_error_message",
        "snowflake_table_name",
        "snowflake_uploaded_at",
        "snowflake_row_count",
        "xmin::text",
    ),
    "snowflake_configurations JOIN snowflake_sync_destination_states ON configuration_id = id": (
        "id",
        "is_active",
        "breaker_state = 'open'",
        "breaker_until",
        "breaker_code",
        "breaker_failures",
        "last_login_at IS NOT NULL",
        "trial_until",
        "window_opened_at",
    ),
    "snowflake_sync_workers": ("id", "heartbeat_at", "stopped_at IS NOT NULL"),
    "snowflake_sync_attempts": ("item_id", "claim_token", "outcome"),
    "snowflake_sync_sweep": ("position",),
}
_LOOK = "SELECT * FROM " + ", ".join(
    f"(SELECT {', '.join(f'array_agg({column})' for column in columns)} FROM {rows}) AS rows_{number}"
    for number, (rows, columns) in enumerate(_COLUMNS.items())
)
_NAME = """
UPDATE ONLY snowflake_sync_queue SET id = md5(execution_id || coalesce(configuration_id::text, '') || %s)::uuid
WHERE id = ANY(%s)
"""
_TABLES = (
    "workflow_executions",
    "workflows",
    "snowflake_configurations",
    "users",
    "snowflake_sync_workers",
    "snowflake_sync_turns",
)


def _rows() -> Iterator[list[tuple[Any, ...]]]:
    """Those of each table, in the order of _COLUMNS."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK)
        arrays = iter(cursor.fetchone())
    for columns in _COLUMNS.values():
        yield list(zip(*(next(arrays) or () for _ in columns), strict=True))


def look(state: State) -> Seen:
    """Everything, as it stands. New items get ids that are the same in each run, in no order."""
    items, *others = _rows()
    known = {item.id for item in state.items}
    if new := [row[2] for row in items if row[2] not in known]:
        state.names += 1
        run(_NAME, [state.names, new])
        items, *others = _rows()
    inbox, executions, destinations, workers, attempts, ((position,),) = others
    found = [ItemRow(*row) for row in items]
    _check(found)
    return Seen(
        {(item.execution, item.destination): item for item in found},
        {row[-1]: NewsRow(*row) for row in inbox},
        {row[0]: ExecutionRow(*row) for row in executions},
        {row[0]: DestinationRow(*row) for row in destinations},
        {row[0]: WorkerRow(*row) for row in workers},
        Counter(attempts),
        position,
    )


def _check(items: list[ItemRow]) -> None:
    """What holds at every moment, whatever the model thinks."""
    places = Counter((item.execution, item.destination) for item in items)
    assert set(places.values()) <= {1}, f"several items of an execution for one destination: {places}"
    for item in items:
        held = (item.token is not None, item.worker is not None, item.claimed_generation is not None)
        assert held == (item.status == "processing",) * 3, f"{item.status}, and held in part: {item}"
        assert 0 <= item.retries <= item.max_retries, f"more retries than it may have: {item}"


def learn(state: State, seen: Seen) -> None:
    """What the database decides alone: ids, when the trigger ran, and the version of a row that was written."""
    for item in state.items:
        row = seen.items.get(item.key)
        if row is not None:
            item.id = item.id or row.id
    known = {news.arrival for news in state.inbox}
    rows = iter(sorted((row for row in seen.inbox.values() if row.arrival not in known), key=lambda row: row.arrival))
    for news, arrived in zip((news for news in state.inbox if not news.arrival), rows, strict=False):
        news.arrival, news.id = arrived.arrival, arrived.id
        news.run_after = arrived.run_after if news.run_after is BY_TRIGGER else news.run_after
    for id_, execution in state.executions.items():
        if execution.version.xmin is None and id_ in seen.executions:
            execution.version.xmin = seen.executions[id_].xmin


def compare(state: State, seen: Seen) -> None:
    """Raises AssertionError with every difference between the model and the database."""
    expected = Seen.expected(state)
    differences = [
        *_differences("item", expected.items, seen.items),
        *_differences("news", expected.inbox, seen.inbox),
        *_differences("execution", expected.executions, seen.executions),
        *_differences("destination", expected.destinations, seen.destinations),
        *_differences("worker", expected.workers, seen.workers),
    ]
    if expected.attempts != seen.attempts:
        more, fewer = seen.attempts - expected.attempts, expected.attempts - seen.attempts
        differences.append(f"attempts: not to be there {dict(more)}, missing {dict(fewer)}")
    if expected.position != seen.position:
        differences.append(f"sweep: position is {seen.position!r}, not {expected.position!r}")
    if differences:
        raise AssertionError("\n".join(differences))


def _differences(kind: str, expected: Mapping[Any, Any], seen: Mapping[Any, Any]) -> list[str]:
    lines = [f"{kind} {key}: is not there" for key in expected.keys() - seen.keys()]
    lines += [f"{kind} {key}: is there, and should not be: {seen[key]}" for key in seen.keys() - expected.keys()]
    for key in expected.keys() & seen.keys():
        if expected[key] != seen[key]:
            fields = zip(type(seen[key])._fields, seen[key], expected[key], strict=True)
            lines += [f"{kind} {key}: {name} is {is_!r}, not {right!r}" for name, is_, right in fields if is_ != right]
    return lines


def clean() -> None:
    """As before the first example."""
    for table in (*_TABLES, "snowflake_sync_inbox"):
        run(f"DELETE FROM {table}")
    run("UPDATE snowflake_sync_sweep SET position = '', swept_at = '-infinity'")


def run(sql: str, params: Any = None, *, trigger_off: bool = False) -> None:
    """One transaction; without triggers, as during a restore."""
    with transaction.atomic(), connection.cursor() as cursor:
        if trigger_off:
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)


def value(sql: str, params: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]
