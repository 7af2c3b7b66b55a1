"""What rules drop, hash, mask or leave out does not leave PostgreSQL, however the load ends.

Markers are made by PostgreSQL, so that the test itself does not have them; what it looks for, it makes for the moment.
"""

import hmac
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from sync.destinations import key_of
from sync.models import SyncHashKey, SyncQueueItem, SyncTable, SyncWorker, WorkflowExecution
from sync.operations import change_rules
from tests.chaos.waiting import until
from tests.security.hiding import Seen, left, needle, what_is_staged, what_postgresql_logs, what_postgresql_shows
from tests.security.test_values_stay_hidden import log
from tests.worker.test_worker_process import Start, start
from tests.world import World

__all__ = ["log", "start"]

HIDDEN = ("dropped", "hashed", "masked", "nested", "left out", "compared")
COLUMNS = [
    ("secret", "string"), ("mail", "string"), ("number", "decimal"), ("card", "string"), ("doc", "json"),
    ("kind", "string"), ("note", "string"), ("n", "integer"), ("amount", "string"),
]  # fmt: skip
# One row in three is left out.
ROWS = """
SELECT jsonb_agg(jsonb_build_object(
    'secret', md5('dropped') || i, 'mail', md5('hashed') || i, 'number', i + 0.5, 'card', md5('masked') || '4711',
    'doc', jsonb_build_object('a', jsonb_build_array(jsonb_build_object('b', md5('nested'), 'c', i))),
    'kind', CASE mod(i, 3) WHEN 0 THEN md5('compared') ELSE 'yes' END,
    'note', CASE mod(i, 3) WHEN 0 THEN md5('left out') ELSE md5('kept') END, 'n', i, 'amount', i::text
) ORDER BY i) FROM generate_series(1, %s) AS i
"""
RULES: list[dict[str, Any]] = [
    {"kind": "column", "action": "drop", "columns": ["secret", "kind"]},
    {"kind": "column", "action": "hash", "columns": ["mail", "number"]},
    {"kind": "column", "action": "mask", "columns": ["card"], "keep": "last"},
    {"kind": "column", "action": "drop", "columns": ["doc"], "path": "a.*.b"},
    {"kind": "column", "action": "cast", "columns": ["amount"], "type": "decimal(10,2)"},
    {"kind": "rows", "where": {"column": "kind", "operator": "eq", "value": "yes"}},
]


@pytest.fixture
def seen(
    world: World, log: io.StringIO, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Seen]:
    """Works the queue, and tells what was seen of it meanwhile, and what is left of it."""
    settings.SYNC_SPOOL_DIRECTORY = str(tmp_path)

    def work() -> Seen:
        found = Seen()
        with what_is_staged(found, monkeypatch), what_postgresql_logs(found), what_postgresql_shows(found):
            world.work(concurrency=2)
        left(found, world, tmp_path)
        found.add("the log", log.getvalue())
        return found

    return work


def rules(world: World, *more: dict[str, Any]) -> None:
    numbered = [{"name": f"rule {number}", **rule} for number, rule in enumerate([*RULES, *more])]
    change_rules(world.configuration.pk, numbered, author="test", expected_version=None)


def complete(world: World, count: int = 30, **fields: Any) -> WorkflowExecution:
    """Queued once its rows are there."""
    execution = world.complete(COLUMNS, None, status="running", **fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE workflow_executions SET result_rows = ({ROWS}), status = 'completed' WHERE execution_id = %s",
            [count, execution.execution_id],
        )
    return execution


def change(execution: WorkflowExecution, path: str, value: str) -> None:
    """Puts a value of PostgreSQL's making there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE workflow_executions SET result_rows = jsonb_set(result_rows, %s, to_jsonb({value}))"
            " WHERE execution_id = %s",
            [path, execution.execution_id],
        )


def nothing_hidden(found: Seen) -> None:
    assert {what: places for what in HIDDEN if (places := found.places(what))} == {}
    keys = [key_of(key.configuration_id, key.number) for key in SyncHashKey.objects.select_related("configuration")]
    assert keys
    for key in keys:
        pads = [bytes(byte ^ mask for byte in key.ljust(64, b"\0")) for mask in (0x36, 0x5C)]
        for secret in (key, *pads):
            forms = (secret, secret.hex().encode(), secret.hex().upper().encode())
            assert [
                place for place, texts in found.texts.items() if any(form in text for form in forms for text in texts)
            ] == []


@pytest.mark.parametrize(("layout", "count"), [("per_execution", 1), ("per_execution", 3), ("per_workflow", 3)])
def test_what_is_loaded_is_what_rules_make_of_it(
    layout: str, count: int, world: World, seen: Callable[[], Seen]
) -> None:
    type(world.configuration).objects.update(layout=layout)
    rules(world)
    executions = [complete(world) for _ in range(count)]
    found = seen()
    key = key_of(world.configuration.pk, 1)
    for execution in executions:
        item = world.item(execution)
        assert (item.status, item.error_message) == ("completed", None)
        assert (item.row_count, item.source_row_count, item.rules_version) == (20, 30, 1)
        rows = world.rows(execution, '"MAIL", "NUMBER", "CARD", "DOC"::TEXT, "NOTE", "N", "AMOUNT", "_EXECUTION_ID"')
        of_it = [row[:-1] for row in rows if row[-1] == execution.execution_id]
        assert len(of_it) == 20
        for mail, number, card, doc, note, n, amount in of_it:
            assert mail == hmac.new(key, f"{needle('hashed')}{n}".encode(), "sha256").hexdigest()
            assert number == hmac.new(key, f"{n}.5".encode(), "sha256").hexdigest()
            assert (card, json.loads(doc), note, amount) == ("***4711", {"a": [{"c": n}]}, needle("kept"), n)
    columns = {column["name"] for table in SyncTable.objects.all() for column in table.columns or ()}
    assert {"MAIL", "NOTE"} <= columns
    assert not {"SECRET", "KIND"} & columns
    assert found.places("kept") == {"a staged file"}
    assert b"COPY (SELECT" in b"".join(found.texts.get("PostgreSQL's log", {b"COPY (SELECT"}))
    assert found.texts["temporary tables"] <= {b"snowflake_sync_hash_pads"}
    nothing_hidden(found)


Prepare = Callable[[World, pytest.MonkeyPatch], WorkflowExecution]


def refused_by_snowflake(world: World, _: pytest.MonkeyPatch) -> WorkflowExecution:
    refusal = {"code": "100038", "sqlstate": "22018", "message": "Numeric value is not recognized"}
    world.snowflake.server.inject("^COPY", "error", **refusal, times=None)
    return complete(world)


def with_value(path: str, value: str) -> Prepare:
    def prepare(world: World, _: pytest.MonkeyPatch) -> WorkflowExecution:
        execution = complete(world)
        change(execution, path, value)
        return execution

    return prepare


def that_compares_what_cannot_be(world: World, patched: pytest.MonkeyPatch) -> WorkflowExecution:
    rules(world, {"kind": "rows", "where": {"column": "number", "operator": "gt", "value": 1}})
    return with_value("{19,number}", "md5('compared')")(world, patched)


def with_a_column_that_is_new(world: World, patched: pytest.MonkeyPatch) -> WorkflowExecution:
    rules(world, {"kind": "new_columns", "policy": "hold"})
    complete(world)
    world.work()
    execution = complete(world)
    declared = [{"name": name, "type": type_} for name, type_ in [*COLUMNS, ("new", "string")]]
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_columns=declared)
    change(execution, "{3,new}", "md5('dropped')")
    return execution


def for_a_table_of_another_shape(world: World, _: pytest.MonkeyPatch) -> WorkflowExecution:
    type(world.configuration).objects.update(layout="per_workflow")
    change_rules(world.configuration.pk, [], author="test", expected_version=None)
    world.complete(COLUMNS, [[None, None, 1.5, None, None, None, None, None, None]])
    world.work()
    rules(world)
    return complete(world)


def that_takes_too_long(world: World, patched: pytest.MonkeyPatch) -> WorkflowExecution:
    patched.setattr(sys.modules["sync.results.snapshot"], "limits", lambda _: "SET LOCAL statement_timeout = '50ms';")
    return complete(world, 20_000)


def whose_key_is_lost(world: World, _: pytest.MonkeyPatch) -> WorkflowExecution:
    SyncHashKey.objects.update(key_encrypted="gAAAAAB of another place")
    return complete(world)


FAILURES: dict[str, tuple[Prepare, str]] = {
    "Snowflake refuses it": (refused_by_snowflake, "load_rejected"),
    "a value of another column": (with_value("{19,n}", "'many'::text"), "value_does_not_fit"),
    "a value to cast": (with_value("{19,amount}", "md5('masked')"), "value_does_not_fit"),
    "a path that ends early": (with_value("{19,doc,a,0}", "md5('nested')"), "rule_does_not_fit"),
    "an undeclared key": (with_value("{19,more}", "md5('dropped')"), "undeclared_key"),
    "a row that is none": (with_value("{19}", "md5('left out')"), "malformed_result"),
    "a value to compare": (that_compares_what_cannot_be, "value_does_not_fit"),
    "a new column": (with_a_column_that_is_new, "new_column_held"),
    "a table of another shape": (for_a_table_of_another_shape, "table_conflict"),
    "a time limit": (that_takes_too_long, "statement_ended"),
    "a lost key": (whose_key_is_lost, "hash_key_unreadable"),
}


@pytest.mark.parametrize("way", FAILURES)
def test_however_it_fails(way: str, world: World, seen: Callable[[], Seen], monkeypatch: pytest.MonkeyPatch) -> None:
    prepare, code = FAILURES[way]
    rules(world)
    keys = list(SyncHashKey.objects.all())
    execution = prepare(world, monkeypatch)
    found = seen()
    item = world.item(execution)
    assert (item.error_code, item.status) != (None, "completed")
    assert item.error_code == code
    SyncHashKey.objects.bulk_update(keys, ["key_encrypted"])
    nothing_hidden(found)


@pytest.fixture
def start_telling_all(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Start:
    """Starts workers that log all there is."""
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    found: Start = request.getfixturevalue("start")
    return found


def test_a_killed_worker_leaves_nothing_of_it(
    world: World, start_telling_all: Start, tmp_path: Path, log: io.StringIO
) -> None:
    """Its staged file lies there until another worker starts."""
    rules(world)
    execution = complete(world)
    world.snowflake.server.inject("^COPY", "delay", seconds=600, times=1)
    before = len(world.snowflake.server.strikes())
    process = start_telling_all("--concurrency", "1", spool=tmp_path)
    until(lambda: len(world.snowflake.server.strikes()) > before, "the COPY is under way")
    process.kill()
    output, _ = process.communicate()
    world.snowflake.server.clear_faults()
    found = Seen()
    assert "DEBUG" in output
    found.add("the log", output)
    left(found, world, tmp_path)
    assert found.places("kept") == {"the spool"}
    SyncWorker.objects.update(heartbeat_at="2000-01-01T00:00Z")
    world.work()
    SyncQueueItem.objects.filter(status="pending").update(run_after="2000-01-01T00:00Z")
    world.work()
    assert world.item(execution).status == "completed"
    found.add("the log", log.getvalue())
    left(found, world, tmp_path)
    nothing_hidden(found)
