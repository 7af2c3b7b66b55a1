"""Views of workflows: what they show, after which changes, and whose they are."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import SnowflakeConfiguration
from sync import warehouse
from sync.errors import SyncError
from sync.postgres import fetch
from sync.warehouse import views
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.warehouse.conftest import Catalogued
from tests.warehouse.viewing import ID, NOON, follow, loaded, names, own_table, session_of, shown, watched
from tests.world import World


@pytest.fixture
def called(world: World) -> World:
    world.workflow.name = "Campaign results"
    world.workflow.save()
    return world


def test_views_show_what_was_computed_last_and_all_that_fit_it(called: World) -> None:
    march = loaded(called, rows=[[1], [2]])
    assert follow(called, march) == 2
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2]
    assert follow(called, march) == 0

    april = loaded(called, NOON + timedelta(days=31), rows=[[3]])
    other = loaded(called, NOON - timedelta(days=1), [*ID, ("note", "text")], [[4, "x"]])
    february = loaded(called, NOON - timedelta(days=28), rows=[[5]])

    assert follow(called, april, other, february) == 3
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [3]
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2, 3, 5]
    assert follow(called, other, february) == 0


def test_names_are_kept_as_they_are_where_the_destination_says_so(called: World) -> None:
    called.configuration.identifier_case = "preserve"
    called.configuration.save()

    follow(called, loaded(called, columns=[("a b", "integer")]))

    assert names(called) == ["Campaign results_latest", "Campaign results_all"]
    assert shown(called, "Campaign results_latest") == [1]


def test_what_was_noted_is_followed_by_the_next_who_comes(called: World) -> None:
    execution = loaded(called)
    views.note(called.configuration, [execution.execution_id])
    called.snowflake.server.inject("CREATE VIEW", "error", code="390114", sqlstate="08001", message="Token expired")
    with pytest.raises(SyncError):
        follow(called)

    fetch("UPDATE snowflake_sync_views SET error_at = NULL RETURNING 1")
    assert follow(called) == 2
    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [1]
    assert follow(called) == 0


def test_a_view_never_fails_while_the_latest_is_loaded_with_fewer_columns(called: World) -> None:
    columns = [*ID, ("note", "text"), ("amount", "integer")]
    loaded(called, NOON - timedelta(days=1), columns, [[0, "w", 0]])
    latest = loaded(called, columns=columns, rows=[[1, "x", 2]])
    follow(called, latest)

    latest.result_columns = [{"name": "id", "type": "integer"}, {"name": "amount", "type": "text"}]
    latest.result_rows = [[1, "two"]]
    latest.save()
    with watched(called, "CAMPAIGN_RESULTS_LATEST", "CAMPAIGN_RESULTS_ALL") as met:
        called.work()

    assert met == []
    assert called.snowflake.rows('SELECT AMOUNT FROM "CAMPAIGN_RESULTS_LATEST"') == [("two",)]
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [0]
    follow(called, latest)
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1]


def test_the_one_before_is_the_latest_where_that_is_removed(called: World) -> None:
    before = loaded(called, NOON - timedelta(days=1), rows=[[0]])
    latest = loaded(called)
    follow(called, latest)
    table = own_table(latest)

    with session_of(called) as session:
        views.release(session, called.configuration, [table])
        assert session.statements == 3
        assert shown(called, "CAMPAIGN_RESULTS_LATEST") == shown(called, "CAMPAIGN_RESULTS_ALL") == [0]
        views.release(session, called.configuration, [own_table(before)])

    assert called.snowflake.rows("SHOW VIEWS") == []


def test_tables_and_columns_say_where_they_come_from(called: World) -> None:
    execution = loaded(called, columns=[("a b", "varchar(20)"), ("id", "Integer")], rows=[["x", 1]])
    table = own_table(execution)

    described = called.snowflake.rows(f"DESCRIBE TABLE {table}")
    comment = called.snowflake.rows("SELECT comment FROM information_schema.tables")[0][0]

    assert [row[9] for row in described][:3] == [
        "'a b' in result_columns, declared as varchar(20)",
        "'id' in result_columns, declared as Integer",
        "The execution that has the row as a result",
    ]
    assert execution.execution_id in comment
    assert f"Of the workflow {called.workflow.workflow_id}" in comment


def test_names_are_given_once_and_differ_where_they_fold_alike(called: World) -> None:
    renamed = called.workflow
    follow(called, loaded(called))
    first = names(called)
    called.workflow = WorkflowFactory.create(user=called.user, name="campaign-results")
    follow(called, loaded(called, rows=[[7]]))
    renamed.name = "Renamed"
    renamed.save()

    assert follow(called, renamed=[renamed.pk]) == 3

    hashed = [name for name in names(called) if name not in first]
    assert first == ["CAMPAIGN_RESULTS_LATEST", "CAMPAIGN_RESULTS_ALL"]
    assert [shown(called, name) for name in hashed] == [[7], [7]]
    comments = called.snowflake.rows(f"SHOW VIEWS STARTS WITH '{first[0]}'")
    assert f"of the workflow {renamed.workflow_id}: Renamed" in str(comments)


def test_earlier_results_are_shown_of_a_workflow_that_has_another_id(called: World) -> None:
    """Also of one that is gone in the application; and where two workflows change their ids for each other's."""
    first = called.workflow
    gone, kept = loaded(called, NOON - timedelta(days=1)), loaded(called, rows=[[2]])
    follow(called, gone, kept)
    gone.delete()
    called.workflow = other = WorkflowFactory.create(user=called.user, name="Other")
    follow(called, loaded(called, rows=[[7]]))
    ids = first.workflow_id, other.workflow_id
    for workflow, id_ in ((first, "between"), (other, ids[0]), (first, ids[1])):
        workflow.workflow_id = id_
        workflow.save()

    for renamed in (other, first):
        views.note(called.configuration, workflow_ids=[renamed.pk])
    follow(called)

    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [2]
    assert shown(called, "CAMPAIGN_RESULTS_ALL") == [1, 2]
    assert shown(called, "OTHER_ALL") == [7]


@pytest.mark.parametrize("theirs", ["CREATE TABLE {} (mine INT)", "CREATE VIEW {} AS SELECT 5 AS mine"])
def test_what_somebody_else_has_made_is_left_alone(called: World, theirs: str) -> None:
    called.snowflake.connect().cursor().execute(theirs.format("CAMPAIGN_RESULTS_ALL"))
    execution = loaded(called)
    follow(called, execution)
    latest, of_all = names(called)

    assert latest == "CAMPAIGN_RESULTS_LATEST"
    assert of_all != "CAMPAIGN_RESULTS_ALL"
    assert shown(called, of_all) == [1]
    assert called.snowflake.rows("SELECT mine FROM CAMPAIGN_RESULTS_ALL WHERE mine <> 5") == []


def test_a_view_that_somebody_has_put_in_the_place_of_ours_is_left_alone(called: World) -> None:
    follow(called, loaded(called))
    cursor = called.snowflake.connect().cursor()
    cursor.execute("CREATE OR REPLACE VIEW CAMPAIGN_RESULTS_LATEST AS SELECT 5 AS mine")
    cursor.execute("DROP VIEW CAMPAIGN_RESULTS_ALL")

    follow(called, loaded(called, NOON + timedelta(days=1), rows=[[2]]))
    latest, of_all = names(called)

    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [5]
    assert shown(called, latest) == [2]
    assert (of_all, shown(called, of_all)) == ("CAMPAIGN_RESULTS_ALL", [1, 2])


def test_two_destinations_in_one_schema_have_a_view_each(called: World) -> None:
    follow(called, loaded(called))
    first, second = (
        called.configuration,
        ConfigurationFactory.create(user=called.user, database=called.snowflake.database),
    )
    first.is_active = False
    first.save()
    called.configuration = second
    follow(called, loaded(called, NOON + timedelta(days=1), rows=[[2]]))

    assert shown(called, "CAMPAIGN_RESULTS_LATEST") == [1]
    latest = fetch("SELECT latest_name FROM snowflake_sync_views WHERE configuration_id = %s", [second.pk])[0][0]
    assert shown(called, latest) == [2]


def test_a_right_that_the_role_lacks_is_said_with_its_cure_and_holds_up_nothing(called: World, client: Client) -> None:
    client.force_login(called.user)
    execution = loaded(called)
    words = {"code": "003001", "sqlstate": "42501", "message": "Insufficient privileges to operate on schema 'PUBLIC'"}
    called.snowflake.server.inject("CREATE VIEW", "error", times=None, **words)

    follow(called, execution)
    called.snowflake.server.clear_faults()
    page = client.get(f"/runs/{execution.execution_id}").content.decode()

    SnowflakeConfiguration.objects.update(catalogue_name="SYNC_EXECUTIONS")
    destination = client.get(f"/destinations/{called.configuration.pk}").content.decode()
    assert follow(called, execution) == 0
    assert "A view could not be made" in page
    assert "Run GRANT CREATE VIEW ON SCHEMA" in destination
    assert "Run GRANT CREATE VIEW ON SCHEMA" in page
    fetch("UPDATE snowflake_sync_views SET error_at = error_at - interval '11 minutes' RETURNING 1")
    assert follow(called, execution) == 2
    page = client.get(f"/runs/{execution.execution_id}").content.decode()
    api = APIClient()
    api.force_authenticate(called.user)
    said = api.get(f"/api/snowflake-sync/execution/{execution.execution_id}/sync-status").json()
    assert "PUBLIC.CAMPAIGN_RESULTS_LATEST" in page
    assert said["destinations"][0]["latest_view"] == f"{called.snowflake.database}.PUBLIC.CAMPAIGN_RESULTS_LATEST"
    assert "could not be made" not in page


@pytest.mark.parametrize("whole", [True, False])
def test_a_view_that_somebody_has_dropped_or_replaced_is_made_anew(catalogued: Catalogued, *, whole: bool) -> None:
    """By whoever asks for the whole catalogue, and by the look of the night."""
    world = catalogued.world
    loaded(world, rows=[[7]])
    latest, of_all = names(world)
    cursor = world.snowflake.connect().cursor()
    cursor.execute(f'DROP VIEW "{latest}"')
    cursor.execute(f'CREATE OR REPLACE VIEW "{of_all}" AS SELECT 5 AS mine')

    if whole:
        warehouse.publish_whole(catalogued.configuration.pk, catalogued.pool)
    else:
        warehouse.reconcile(catalogued.configuration.pk, catalogued.pool)
        follow(world)

    assert shown(world, latest) == shown(world, names(world)[1]) == [7]
    assert shown(world, of_all) == [5]


def test_views_that_could_not_be_made_are_made_without_waking_a_warehouse(
    catalogued: Catalogued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL went away when the catalogue had been written: no load need come for the views."""

    def away(*_: object, **__: object) -> None:
        raise OperationalError

    world = catalogued.world
    with monkeypatch.context() as patched:
        patched.setattr(views, "follow", away)
        loaded(world, rows=[[7]])
    assert catalogued.waiting == 0
    assert fetch("SELECT latest_hash FROM snowflake_sync_views", ()) == [(None,)]
    fetch("UPDATE snowflake_sync_catalogues SET next_at = NULL, published_at = NULL RETURNING 1")
    before = len(catalogued.statements())
    catalogued.publish()
    assert [words.split()[0] for words in catalogued.statements()[before:]] == []
    assert shown(world, names(world)[0]) == [7]
