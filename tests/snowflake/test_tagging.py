"""The query tag of a statement, with the line of the connector that is installed: `make matrix` has both."""

import json

import pytest

from sync.snowflake.session import Session
from sync.snowflake.session.tagging import query_tag
from tests.snowflake.misbehaving import STATEMENT, misbehaving


def test_a_tag_goes_with_its_statement_and_costs_none() -> None:
    with misbehaving() as server:
        session = Session(server.destination())
        session.about = {"work": "check"}
        session.execute("SELECT 1", "ask")
        session.about = {"execution": "it's é", "attempt": 7}
        session.execute("SELECT 1", "ask")
        session.close()
        sent = [json.loads(request.body) for request in server.of(STATEMENT)]
    assert [each["sqlText"] for each in sent] == ["SELECT 1"] * 2
    tags = [json.loads(each["parameters"]["QUERY_TAG"]) for each in sent]
    assert tags == [
        {"app": "universal-snowflake-sync", "work": "check"},
        {"app": "universal-snowflake-sync", "execution": "it's é", "attempt": 7},
    ]


@pytest.mark.parametrize("text", ["x", "\0", "é"])
def test_a_tag_is_as_long_as_snowflake_lets_it_be(text: str) -> None:
    whole = query_tag({"workflow": text * 9999, "execution": text * 9999, "attempt": 2**63, "executions": 10**9})
    assert len(whole) <= 2000
    assert json.loads(whole)["workflow"] == text * 150
