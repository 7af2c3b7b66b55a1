"""Tables that checks and attempts have left: found page by page, the oldest first, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.snowflake import statements
from sync.snowflake.load.leftovers import aside_table_name, check_table_name, clear_tables, staged_name
from sync.snowflake.statements import marker
from tests.snowflake.loading import Loading

NOW = datetime.now(UTC)


OTHERS = ["", "mine", marker("check", "USS_CHECK_OTHER", 7), marker("execution", "e-1", 7)]


def make(loading: Loading, began: datetime, number: int, *, comment: str | None = None, name: str | None = None) -> str:
    """A table as a check makes it, or with another comment, or name."""
    name = name or check_table_name(began, f"{number:032x}")
    comment = marker("check", name, 7) if comment is None else comment
    loading.snowflake.rows(f"CREATE TABLE \"{name}\" (A VARCHAR) COMMENT = '{comment}'")
    return name


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_all_pages_are_looked_through(loading: Loading, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(statements, "PAGE", page)
    for number in range(4):
        make(loading, NOW - timedelta(days=9), number)
    theirs = [make(loading, NOW - timedelta(days=10), number, comment=comment) for number, comment in enumerate(OTHERS)]
    young = make(loading, NOW, 1)
    loading.snowflake.rows("CREATE TABLE USS_OTHER (A VARCHAR)")

    with loading.pool.session(loading.destination) as session:
        assert clear_tables(session, loading.destination.table(""), NOW - timedelta(days=1)) == 4

    left = [row[1] for row in loading.snowflake.rows("SHOW TABLES")]
    assert left == sorted([*theirs, young, "USS_OTHER"])
    asked = [statement.sql for statement in loading.snowflake.statements("SHOW TABLES")]
    assert len(asked) == 10 // page + 1
    assert not loading.snowflake.statements("INFORMATION_SCHEMA")


def test_rows_aside_that_were_never_put_in_place_go_too(loading: Loading) -> None:
    old, young = (aside_table_name(staged_name(NOW - timedelta(days=days), "0" * 32)) for days in (9, 0))
    of_load = marker("execution", "e-1", 7)
    make(loading, NOW, 1, name=old, comment=of_load)
    make(loading, NOW, 2, name=young, comment=of_load)
    theirs = make(loading, NOW, 3, name=old[:-1] + "F", comment="mine")

    with loading.pool.session(loading.destination) as session:
        assert clear_tables(session, loading.destination.table(""), NOW - timedelta(days=1)) == 1

    assert [row[1] for row in loading.snowflake.rows("SHOW TABLES")] == sorted([young, theirs])
