"""What docs/rules.md prints, in pieces."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
COMMANDS: list[str] = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
_RECIPES = DOCUMENT[DOCUMENT.index("\n## Ten recipes") : DOCUMENT.index("\n## Order")]


class Recipe(NamedTuple):
    """Rules as they stand in a file, and the bodies that the API is sent."""

    title: str
    text: str
    sent: list[dict[str, Any]]


def _recipe(section: str) -> Recipe:
    (text,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    bodies = re.findall(r"-d '(.*?)'$", section.replace("'\"'\"'", "'"), re.DOTALL | re.MULTILINE)
    return Recipe(section.split("\n", 1)[0], text, [json.loads(body) for body in bodies])


RECIPES = [_recipe(section) for section in re.split(r"^### \d+\. ", _RECIPES, flags=re.MULTILINE)[1:]]
