"""docs/rules.md: its files are rules, and its commands work as printed, from the first to the last."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pytest_django.live_server_helper import LiveServer

from accounts.models import ApiToken
from sync.models import SyncRuleVersion
from sync.rules import MOST_BYTES, from_text, read_file, read_rules, schema
from sync.rules.conditions import DEEPEST, MOST
from sync.rules.ruleset import MOST_RULES
from tests.management.rules_document import COMMANDS, DOCUMENT, RECIPES, Recipe
from tests.world import World

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


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_commands_work_as_printed(world: World, live_server: LiveServer, tmp_path: Path) -> None:
    execution = world.complete([("email", "text"), ("customer", "text")], [["ada@example.com", "Ada"]])
    world.work()
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\n")
    filled = {
        "https://sync.example.com": live_server.url,
        "python manage.py": f"{sys.executable} {ROOT / 'manage.py'}",
        "Bearer TOKEN": f"Bearer {ApiToken.objects.create(world.user)[1]}",
        "EXECUTION_ID": execution.execution_id,
        r"\bID\b": str(world.configuration.pk),
    }
    environment = world.environment | {"CURL_HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    said = []
    for number, block in enumerate(COMMANDS):
        lines = block
        for printed, meant in filled.items():
            lines = re.sub(printed, meant, lines)
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", lines],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, f"{block}\n{run.stdout}\n{run.stderr}"
        said.append(run.stdout)
        if number == 0:
            assert (tmp_path / "rules.yaml").read_text().endswith("\n[]\n")
            (tmp_path / "rules.yaml").write_text(FILES[0])
    everything = "\n".join(said)
    for expected in ("+ rule 1 is added", "The rules are at version 1.", '"No coupons"', "Runs loaded"):
        assert expected in everything, expected
    assert (tmp_path / "rules.yaml").read_text().splitlines()[0].startswith("# Version 1 of the rules")
    # One with the file, eleven through the API, one with the new key.
    assert SyncRuleVersion.objects.count() == 13
