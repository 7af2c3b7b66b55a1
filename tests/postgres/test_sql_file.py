"""Statements in files beside the modules that run them."""

from pathlib import Path

import pytest

from sync.postgres import read_sql


@pytest.fixture
def module(tmp_path: Path) -> str:
    (tmp_path / "verb.sql").write_text("-- name: one\n-- Why.\nSELECT 1\n\n-- name: two\nSELECT 2\n")
    return str(tmp_path / "verb.py")


def test_statements_are_given_in_the_order_asked_for(module: str) -> None:
    two, one = read_sql(module, "two", "one")
    assert (one.split("\n")[:2], two.strip()) == (["-- Why.", "SELECT 1"], "SELECT 2")


@pytest.mark.parametrize("names", [("one", "three"), ("one",), ("one", "two", "three"), ("one", "two", "two")])
def test_a_file_has_what_is_asked_for_and_nothing_else(module: str, names: tuple[str, ...]) -> None:
    with pytest.raises(LookupError, match=r"verb\.sql has the statements one, two, not "):
        read_sql(module, *names)
