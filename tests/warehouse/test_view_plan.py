"""What views of a workflow show of its results, by what is known of them: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.snowflake.statements import Table
from sync.snowflake.warehouse import LONGEST_VIEW, ViewColumn
from sync.warehouse.view_plan import MOST, Result, Shared, plan_views

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = Table("DB", "S", "")
A, B = ViewColumn("A", "VARCHAR"), ViewColumn("B", "NUMBER(12,2)")


def result(number: int, *columns: ViewColumn, is_released: bool = False) -> Result:
    at = NOON - timedelta(minutes=number)
    return Result(f"e{number}", PLACE.beside(f"T{number}"), columns, at, is_released)


def test_all_shows_results_with_the_latests_columns_in_any_order() -> None:
    wide = ViewColumn("B", "NUMBER(14,2)")
    results = [
        result(0, A, B),
        result(1, B, A),
        result(2, A),
        result(3, A, B, ViewColumn("c d", "DATE")),
        result(4, A, wide),
    ]

    plan = plan_views(results, None, None, "w")

    assert plan.latest == 'SELECT "A", "B" FROM "DB"."S"."T0"'
    assert plan.all == plan.latest + ' UNION ALL SELECT "A", "B" FROM "DB"."S"."T1"'
    assert plan.left_out == {
        "e0": None,
        "e1": None,
        "e2": "Its columns are not the latest's: it lacks B",
        "e3": """Its columns are not the latest's: it has "c d\"""",
        "e4": "Its columns are not the latest's: B is NUMBER(14,2) and not NUMBER(12,2)",
    }


def test_what_is_released_is_in_neither_but_for_columns_of_the_latest_that_stay() -> None:
    stays = ViewColumn("A", "VARCHAR", as_text=True)

    plan = plan_views([result(0, stays, is_released=True), result(1, A, B), result(2, A, B)], None, None, "w")
    going = plan_views([result(0, is_released=True), result(1, A)], None, None, "w")

    assert plan.latest == 'SELECT "A"::VARCHAR AS "A" FROM "DB"."S"."T0"'
    assert plan.all == 'SELECT "A", "B" FROM "DB"."S"."T1" UNION ALL SELECT "A", "B" FROM "DB"."S"."T2"'
    assert plan.left_out == {"e1": None, "e2": None}
    assert going.latest == going.all == 'SELECT "A" FROM "DB"."S"."T1"'


def test_there_are_no_views_where_nothing_is_left() -> None:
    plan = plan_views([result(0, is_released=True)], None, None, "w")

    assert (plan.latest, plan.all, plan.left_out) == (None, None, {})


def test_a_view_is_no_longer_than_snowflake_takes() -> None:
    columns = [ViewColumn(f"{number:0255d}", "VARCHAR") for number in range(40)]
    results = [result(number, *columns) for number in range(MOST)]

    plan = plan_views(results, None, None, "w")

    assert plan.all
    assert LONGEST_VIEW * 0.9 < len(plan.all.encode()) <= LONGEST_VIEW
    shown = sum(why is None for why in plan.left_out.values())
    assert shown == plan.all.count(" FROM ") < MOST
    assert plan.left_out[f"e{MOST - 1}"] == "The view would be longer than Snowflake takes"


def test_more_than_the_latest_are_left_out() -> None:
    plan = plan_views([result(number, A) for number in range(MOST + 1)], None, None, "w")

    assert [one for one, why in plan.left_out.items() if why] == [f"e{MOST}"]


@pytest.mark.parametrize(
    ("by_many", "catalogue", "made"),
    [(False, False, (0, 1)), (True, False, (0, 0)), (False, True, (1, 1)), (True, True, (1, 1))],
)
def test_a_shared_table_needs_the_catalogue_for_what_the_table_does_not_say(
    *, by_many: bool, catalogue: bool, made: tuple[int, int]
) -> None:
    shared = Shared(PLACE.beside("SHARED"), (A,), NOON, by_many)

    plan = plan_views([result(1, A)], shared, PLACE.beside("C") if catalogue else None, "w")

    assert (plan.latest is not None, plan.all is not None) == made
    assert plan.all is None or ("WHERE" in plan.all) is by_many
    assert plan.left_out == {"e1": "It is in a table of its own, and the latest in S.SHARED"}


def test_a_later_result_in_a_table_of_its_own_is_the_latest() -> None:
    shared = Shared(PLACE.beside("SHARED"), (A,), NOON - timedelta(days=1), by_many=False)

    assert plan_views([result(0, A)], shared, PLACE.beside("C"), "w").latest == 'SELECT "A" FROM "DB"."S"."T0"'
