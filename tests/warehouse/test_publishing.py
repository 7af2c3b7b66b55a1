"""A catalogue is right again, whoever dies while it is written, comes late, or breaks it in Snowflake."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from sync import warehouse
from sync.management.commands import sync_status
from sync.models import WorkflowExecution
from sync.reporting import catalogue_of
from sync.snowflake.session import Pool
from sync.snowflake.warehouse import Catalogue
from sync.warehouse import catalogue, changes, turn
from sync.worker.aside import Aside
from tests.warehouse.conftest import NAME, Catalogued, awake, run

Break = Callable[[Catalogued], object]


class KilledError(BaseException):
    """Nothing is tidied up after it, as with a process that is killed."""


def free() -> None:
    """The time is over for which whoever died would have had the catalogue, or a failed one waits."""
    run("UPDATE snowflake_sync_catalogues SET busy_until = now() - interval '1 second', next_at = NULL")


def statuses(catalogued: Catalogued) -> list[Any]:
    return [status for status, _ in catalogued.rows('"STATUS", "EXECUTION_ID"')]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("where", "name"),
    [(Catalogue, "make"), (catalogue, "rows_of"), (Catalogue, "write"), (changes, "forget"), (turn.Turn, "end")],
)
def test_a_kill_repeats_and_loses_nothing(
    catalogued: Catalogued, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, late: bool
) -> None:
    catalogued.ended(2)
    as_it_is = getattr(where, name)

    def killed(*args: Any, **more: Any) -> None:
        if late:
            as_it_is(*args, **more)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(where, name, killed)
        with pytest.raises(KilledError):
            catalogued.publish()
    sent = len(catalogued.statements())
    catalogued.ended()
    if (name, late) != ("end", True):
        catalogued.publish()
        assert len(catalogued.statements()) == sent, "It is still in somebody's hands."
        free()
    catalogued.publish()
    assert statuses(catalogued) == ["completed"] * 3
    assert catalogued.waiting == 0


def test_who_comes_late_changes_nothing(catalogued: Catalogued, monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = catalogued.ended()
    catalogued.publish()
    as_it_is = Catalogue.write
    item.row_count = 2
    item.save()
    awake()

    def frozen(self: Catalogue, rows: str) -> None:
        """It has read, and is stopped; meanwhile there is something new, which another one writes."""
        monkeypatch.setattr(Catalogue, "write", as_it_is)
        item.row_count = 3
        item.save()
        awake()
        free()
        catalogued.publish()
        item.row_count = 4
        item.save()
        as_it_is(self, rows)

    monkeypatch.setattr(Catalogue, "write", frozen)
    catalogued.publish()
    assert catalogued.row(item.execution_id, "ROW_COUNT") == {"ROW_COUNT": 3}
    assert catalogued.waiting == 1, "What came last is not forgotten by one who has not written it."
    awake()
    free()
    catalogued.publish()
    assert catalogued.row(item.execution_id, "ROW_COUNT") == {"ROW_COUNT": 4}


def test_one_at_a_time(catalogued: Catalogued) -> None:
    catalogued.ended()
    assert turn.take(60)
    assert turn.take(60) is None
    assert turn.take_one(catalogued.configuration.pk, 60) is None


def test_who_lost_its_turn_forgets_nothing(catalogued: Catalogued) -> None:
    catalogued.ended()
    late = turn.take(60)
    assert late
    read = changes.waiting(late)
    free()
    assert turn.take(60)
    changes.forget(late, read)
    assert catalogued.waiting == 1
    late._ends_at = 0.0
    with pytest.raises(turn.TurnLostError):
        late.check()


@pytest.mark.parametrize("kind", ["TABLE {} (A VARCHAR)", "VIEW {} AS SELECT 1 AS A"])
def test_what_is_somebody_elses_is_left_alone(catalogued: Catalogued, kind: str) -> None:
    catalogued.world.snowflake.rows(f"CREATE {kind.format(catalogued.table)}")
    catalogued.ended()
    catalogued.publish()
    stored = catalogued.stored
    assert stored.error_code == "table_not_ours"
    assert "catalogue_name" in str(stored.error_remedy)
    assert len(catalogued.world.snowflake.rows(f"SELECT A FROM {catalogued.table}")) in (0, 1)
    sent = len(catalogued.statements())
    catalogued.publish()
    assert len(catalogued.statements()) == sent, "It is tried again after a while."
    shown = StringIO()
    with pytest.raises(SystemExit):
        call_command("sync_status", stdout=shown)
    assert "could not be written" in shown.getvalue()
    assert sync_status.failing_catalogues().count() == 1
    run("UPDATE snowflake_sync_catalogues SET failures = 20, next_at = NULL")
    catalogued.publish()
    run("UPDATE snowflake_sync_catalogues SET next_at = next_at - interval '1 hour 1 second'")
    catalogued.change(catalogue_name="SYNC_RUNS")
    catalogued.publish()
    assert statuses(catalogued) == ["completed"]
    assert catalogue_of(catalogued.configuration).error == ""


def broken(name: str) -> Break:
    def breaks(catalogued: Catalogued) -> object:
        return catalogued.world.snowflake.rows(name.format(catalogued.table))

    return breaks


@pytest.mark.parametrize(
    "breaks",
    [
        broken("DROP TABLE {}"),
        broken('ALTER TABLE {} DROP COLUMN "ERROR_CODE"'),
        lambda catalogued: catalogued.change(catalogue_name="sync_runs"),
    ],
    ids=["dropped", "without a column", "moved"],
)
def test_it_is_whole_again_by_itself(catalogued: Catalogued, breaks: Break) -> None:
    catalogued.ended(2, status="failed", error_code="load_rejected")
    catalogued.publish()
    assert catalogued.stored.filled_at is not None
    breaks(catalogued)
    catalogued.ended()
    catalogued.publish()
    catalogued.configuration.catalogue_name = catalogued.configuration.catalogue_name.upper()
    found = catalogued.rows('"STATUS", "ERROR_CODE"')
    assert sorted(found) == [("completed", None), ("failed", "load_rejected"), ("failed", "load_rejected")]
    left = (
        f"{catalogued.world.snowflake.database}.PUBLIC.{NAME}"
        if catalogued.configuration.catalogue_name != NAME
        else ""
    )
    assert catalogue_of(catalogued.configuration).left == left


def test_switched_off_and_on(catalogued: Catalogued) -> None:
    catalogued.ended()
    catalogued.publish()
    catalogued.change(catalogue_name="")
    catalogued.ended()
    catalogued.publish()
    warehouse.tidy()
    assert catalogued.waiting == 0
    said = catalogue_of(catalogued.configuration)
    assert (said.place, said.waiting, said.left) == ("", 0, f"{catalogued.world.snowflake.database}.PUBLIC.{NAME}")
    catalogued.change(catalogue_name=NAME)
    catalogued.ended()
    catalogued.publish()
    assert statuses(catalogued) == ["completed"] * 3


def test_the_command_writes_the_whole(catalogued: Catalogued) -> None:
    catalogued.ended(3)
    catalogued.publish()
    catalogued.world.snowflake.rows(f"DELETE FROM {catalogued.table}")
    shown = StringIO()
    call_command("publish_catalogue", "--all", stdout=shown)
    assert statuses(catalogued) == ["completed"] * 3
    assert "3 rows written by 1 statement." in shown.getvalue()
    assert turn.take_one(catalogued.configuration.pk, 60)
    with pytest.raises(SystemExit):
        call_command("publish_catalogue", "--configuration", str(catalogued.configuration.pk), stdout=shown)
    assert "Try again" in shown.getvalue()


@pytest.mark.parametrize(
    ("code", "noted", "state"), [("390913", "account_suspended", "closed"), ("390100", "login_refused", "open")]
)
def test_only_refused_credentials_pause_a_destination_for_which_nothing_waits(
    catalogued: Catalogued, code: str, noted: str, state: str
) -> None:
    """Nobody would try it again before the next load; but another refusal could lock the user."""
    catalogued.ended()
    catalogued.world.snowflake.server.refuse_login(code, "No.")
    catalogued.publish()
    catalogued.configuration.state.refresh_from_db()
    assert (catalogued.stored.error_code, catalogued.configuration.state.breaker_state) == (noted, state)


def test_where_nobody_could_write_for_long_the_whole_is_written(
    catalogued: Catalogued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "_MOST", 3)
    catalogued.ended()
    catalogued.publish()
    catalogued.ended(5)
    warehouse.tidy()
    assert catalogued.waiting == 3
    assert not catalogue_of(catalogued.configuration).is_whole
    catalogued.publish()
    assert statuses(catalogued) == ["completed"] * 6
    catalogued.ended()
    catalogued.configuration.delete()
    warehouse.tidy()
    assert catalogued.waiting == 0


def test_what_was_taken_out_after_its_execution_was_deleted(catalogued: Catalogued) -> None:
    kept, gone = catalogued.ended(2)
    run(
        """
        INSERT INTO snowflake_sync_results
            (configuration_id, execution_id, workflow_id, schema_name, table_name, loaded_at, computed_at)
        SELECT configuration_id, execution_id, gen_random_uuid(), schema_name, table_name, now(), now()
        FROM ONLY snowflake_sync_queue
        """
    )
    catalogued.publish()
    WorkflowExecution.objects.all().delete()
    run("DELETE FROM snowflake_sync_results WHERE execution_id = %s", [gone.execution_id])
    run("UPDATE snowflake_sync_removed_items SET removed_at = '2026-11-01T00:00:00Z'")
    catalogued.ended()
    catalogued.publish()
    assert catalogued.row(kept.execution_id, "STATUS, TABLE_NAME") == {"STATUS": "completed", "TABLE_NAME": "T"}
    assert catalogued.row(gone.execution_id, "STATUS, TABLE_NAME") == {"STATUS": "removed", "TABLE_NAME": None}


def test_nothing_of_it_stops_a_worker(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError("".join(("a ", "value")))

    monkeypatch.setattr(warehouse, "tidy", broken)
    aside = Aside(Pool(), lambda: None)
    aside.finish(lambda: None)
    assert aside.stop(10)
    assert "RuntimeError" in caplog.text
    assert "a value" not in caplog.text
