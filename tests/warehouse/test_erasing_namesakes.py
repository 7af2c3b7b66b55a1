"""Whose results go where names look alike, have changed, or need quotes."""

import pytest

from sync.operations import erase_results, plan_erasure
from sync.queue import Erased
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.warehouse.conftest import Catalogued
from tests.warehouse.erasure import off, sql, tables
from tests.warehouse.viewing import names


def test_a_workflow_that_is_called_as_the_id_of_another_one_takes_nothing_of_it(catalogued: Catalogued) -> None:
    world = catalogued.world
    bob = UserFactory.create()
    bobs = ConfigurationFactory.create(user=bob, database=world.snowflake.database, layout="per_workflow")
    theirs = WorkflowFactory.create(user=bob, workflow_id=str(world.workflow.pk))
    ExecutionFactory.create(workflow=theirs, result_columns=[{"name": "A", "type": "integer"}], result_rows=[[1]])
    (ours,) = catalogued.complete()
    catalogued.work()
    before, views = tables(world), names(world)
    off()
    (place,) = erase_results(Erased("workflow", theirs.workflow_id))
    assert (place.configuration, place.tables, len(before - tables(world))) == (bobs, 1, 1)
    assert (catalogued.row(ours), names(world)) == ({"STATUS": "completed"}, views)


def test_a_workflow_is_known_by_the_id_that_the_catalogue_still_has(catalogued: Catalogued) -> None:
    catalogued.complete(2)
    catalogued.work()
    off()
    sql("UPDATE workflows SET workflow_id = 'new'")
    (place,) = erase_results(Erased("workflow", "new"))
    assert (place.tables, place.lines, catalogued.rows("1")) == (2, 2, [])


@pytest.mark.parametrize("becomes", ["", "OTHER"])
@pytest.mark.parametrize("name", ['"Runs.kept"', '"runs ""kept"""'])
def test_a_catalogue_that_was_given_up_is_found_by_a_name_in_quotes(
    catalogued: Catalogued, name: str, becomes: str
) -> None:
    catalogued.change(catalogue_name=name)
    one, two = catalogued.complete(2)
    catalogued.work()
    catalogued.change(catalogue_name=becomes)
    catalogued.complete()
    catalogued.work()
    assert catalogued.stored.left_name.endswith(f".PUBLIC.{name}")
    (place,) = erase_results(Erased("execution", one.execution_id))
    assert (place.lines, place.unseen) == (1 + bool(becomes), "")
    kept = catalogued.world.snowflake.rows(f"SELECT EXECUTION_ID FROM PUBLIC.{name}")
    assert kept == [(two.execution_id,)]
    assert plan_erasure(Erased("execution", two.execution_id))
