"""Rules are applied to what is loaded while workers work and rules go on changing: each load is under one version."""

import threading
from functools import partial
from typing import Any

import pytest
from django.db import connections

from sync.models import SyncAttempt, SyncQueueItem
from sync.operations import Loaded, change_rules, count_effect, reload_earlier
from sync.worker import Options, Worker
from tests.chaos.waiting import until
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = [("email", "string"), ("clicks", "integer")]


def drop(column: str) -> dict[str, Any]:
    return {"name": f"no {column}", "kind": "column", "action": "drop", "columns": [column]}


def put(world: World, *rules: dict[str, Any]) -> int:
    changed = change_rules(world.configuration.pk, rules, author="ada@example.com", expected_version=None)
    return changed.rules.version


def columns(world: World, execution: Any) -> list[str]:
    """The columns of the execution's table that are the result's."""
    execution.refresh_from_db()
    found = world.snowflake.rows(
        f"SELECT column_name FROM {world.snowflake.database}.INFORMATION_SCHEMA.COLUMNS "
        f"WHERE table_name = '{execution.snowflake_table_name}' ORDER BY column_name"
    )
    return [name for (name,) in found if not name.startswith("_")]


def test_what_was_loaded_before_is_loaded_again_by_the_new_rules(world: World) -> None:
    executions = [world.complete(COLUMNS, [["ada@example.com", number]]) for number in range(3)]
    world.work()
    assert columns(world, executions[0]) == ["CLICKS", "EMAIL"]
    put(world, drop("email"))
    what = Loaded(world.configuration.pk)
    found = count_effect(what)
    assert (found.versions, found.earlier) == ({0: 3}, 3)
    assert reload_earlier(what, version=1, as_of=found.as_of, wanted=2).changed == 2
    found = count_effect(what)
    assert (found.versions, found.earlier, found.waiting) == ({0: 1}, 1, 2)
    world.work()
    found = count_effect(what)
    assert (found.versions, found.earlier, found.waiting) == ({0: 1, 1: 2}, 1, 0)
    assert reload_earlier(what, version=1, as_of=found.as_of, wanted=found.earlier).changed == 1
    world.work()
    assert [columns(world, execution) for execution in executions] == [["CLICKS"]] * 3
    assert count_effect(what).earlier == 0
    # And all of it taken back.
    put(world)
    found = count_effect(what)
    assert reload_earlier(what, version=2, as_of=found.as_of, wanted=found.earlier).changed == 3
    world.work()
    assert [columns(world, execution) for execution in executions] == [["CLICKS", "EMAIL"]] * 3


@pytest.mark.long
def test_rules_are_changed_and_applied_while_workers_work(world: World) -> None:
    executions = [world.complete(COLUMNS, [["ada@example.com", number]]) for number in range(30)]
    rules = {1: drop("email"), 2: drop("clicks"), 3: drop("email")}
    worker = Worker(Options(concurrency=2, probe_interval=0.05))

    def at_least(number: int) -> bool:
        return SyncAttempt.objects.filter(outcome="completed").count() >= number

    def work() -> None:
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for version, rule in rules.items():
            until(partial(at_least, 5 * version), "loads between two changes")
            assert put(world, rule) == version
            found = count_effect(Loaded(world.configuration.pk))
            reload_earlier(Loaded(world.configuration.pk), version=version, as_of=found.as_of, wanted=found.earlier)
        while True:
            until(lambda: not SyncQueueItem.objects.exclude(status="completed").exists(), "all are loaded")
            found = count_effect(Loaded(world.configuration.pk))
            if not found.earlier:
                break
            reload_earlier(Loaded(world.configuration.pk), version=3, as_of=found.as_of, wanted=found.earlier)
    finally:
        worker.stop()
        thread.join(60)
    assert [columns(world, execution) for execution in executions] == [["CLICKS"]] * 30
    versions = set(SyncAttempt.objects.filter(outcome="completed").values_list("rules_version", flat=True))
    # What the first version made is what the third makes, and is not loaded again.
    assert versions <= {0, 1, 2, 3}
    assert {0} < versions
    assert versions & {1, 3}
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"completed"}
