"""docs/rules.md: its files are rules, and its commands work as printed, from the first to the last."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sync.rules import MOST_BYTES, from_text, read_file, read_rules, schema
from sync.rules.conditions import DEEPEST, MOST
from sync.rules.ruleset import MOST_RULES
from tests.management.rules_document import DOCUMENT, RECIPES, Recipe

ROOT = Path(__file__).resolve().parents[2]
FILES = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("text", FILES)
def test_what_stands_there_is_rules(text: str) -> None:
    assert read_file(text.encode(), "docs/rules.md").rules
    assert list(Draft202012Validator(schema()).iter_errors(from_text(text))) == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_a_recipe_is_the_same_for_file_and_api(recipe: Recipe) -> None:
    assert read_rules([sent["rule"] for sent in recipe.sent]) == read_file(recipe.text.encode(), "x").rules


def test_the_limits_are_those_that_are_kept() -> None:
    (limits,) = re.findall(r"^## Limits\n(.*?)^## ", DOCUMENT, re.DOTALL | re.MULTILINE)
    said = " ".join(limits.split())
    for limit in (f"{MOST_RULES:,} rules", f"{MOST:,} conditions", "five groups", f"{MOST_BYTES:,} bytes"):
        assert limit in said
    assert (DEEPEST, len(RECIPES)) == (5, 10)
