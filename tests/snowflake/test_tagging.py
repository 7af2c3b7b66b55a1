"""The query tag of a statement, with the line of the connector that is installed: `make matrix` has both."""

import json

import pytest

from sync.snowflake.session.tagging import query_tag
from tests.snowflake.loading import Loading


def test_a_tag_goes_with_its_statement_and_costs_none(loading: Loading) -> None:
    with loading.pool.session(loading.destination) as session:
        session.about = {"work": "check"}
        session.execute("SELECT 1 AS TAGGED", "ask")
        session.about = {"execution": "it's é", "attempt": 7}
        session.execute("SELECT 1 AS TAGGED", "ask")
    with loading.pool.session(loading.destination) as session:
        session.execute("SELECT 1 AS TAGGED", "ask")
    assert [json.loads(each.tag) for each in loading.snowflake.statements()] == [
        {"app": "universal-snowflake-sync", "work": "check"},
        {"app": "universal-snowflake-sync", "execution": "it's é", "attempt": 7},
        {"app": "universal-snowflake-sync"},
    ]


@pytest.mark.parametrize("text", ["x", "\0", "é"])
def test_a_tag_is_as_long_as_snowflake_lets_it_be(text: str) -> None:
    whole = query_tag({"workflow": text * 9999, "execution": text * 9999, "attempt": 2**63, "executions": 10**9})
    assert len(whole) <= 2000
    assert json.loads(whole)["workflow"] == text * 150
