"""Statements in files beside the modules that run them."""

from pathlib import Path

import pytest

from sync.postgres import read_sql

TEXT = """
-- name: one
-- Why.
SELECT 1

-- name: two
SELECT '{}', {one}, {three}
"""


@pytest.fixture
def module(tmp_path: Path) -> str:
    (tmp_path / "verb.sql").write_text(TEXT)
    return str(tmp_path / "verb.py")


def test_statements_are_given_in_the_order_asked_for_with_what_they_quote(module: str) -> None:
    two, one = read_sql(module, "two", "one", three="3")
    assert one == "SELECT 1"
    assert two == "SELECT '{}', SELECT 1, 3"


def test_a_name_that_there_is_not_is_found_at_once(module: str) -> None:
    with pytest.raises(LookupError, match="four"):
        read_sql(module, "four", three="3")
    with pytest.raises(LookupError, match="three"):
        read_sql(module, "one")
