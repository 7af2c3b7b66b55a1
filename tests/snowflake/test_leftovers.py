"""Tables that checks have left: found page by page, the oldest first, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.snowflake import check_statements
from sync.snowflake.load.leftovers import sweep_checks
from sync.snowflake.statements import marker
from tests.snowflake.loading import Loading

NOW = datetime.now(UTC)


def make(loading: Loading, began: datetime, number: int, *, ours: bool = True) -> str:
    name = check_statements.table_name(began, f"{number:032x}")
    comment = marker("check", name, 7) if ours else "mine"
    loading.snowflake.rows(f"CREATE TABLE \"{name}\" (A VARCHAR) COMMENT = '{comment}'")
    return name


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_all_pages_are_looked_through(loading: Loading, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(check_statements, "PAGE", page)
    for number in range(4):
        make(loading, NOW - timedelta(days=9), number)
    theirs = [make(loading, NOW - timedelta(days=10), number, ours=False) for number in range(3)]
    young = make(loading, NOW, 1)
    loading.snowflake.rows("CREATE TABLE USS_OTHER (A VARCHAR)")

    with loading.pool.session(loading.destination) as session:
        assert sweep_checks(session, loading.destination.table(""), NOW - timedelta(days=1)) == 4

    left = [row[1] for row in loading.snowflake.rows("SHOW TABLES")]
    assert left == sorted([*theirs, young, "USS_OTHER"])
    asked = [statement.sql for statement in loading.snowflake.statements("SHOW TABLES")]
    assert len(asked) == 8 // page + 1
    assert not loading.snowflake.statements("INFORMATION_SCHEMA")
