"""docs/reference/ is what the code says: a page that is not there is written, one that says otherwise fails."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.errors import CATALOGUE
from sync.reporting.metrics import SyncCollector

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
SETTING = re.compile(r"# (?P<name>[A-Z][A-Z_]+)=(?P<value>\S*)(?:\s{2,}(?P<meaning>.+))?")
BEHAVIOUR = {
    "permanent": "fails for good",
    "transient": "is tried again by itself",
    "destination": "waits; the destination pauses",
}


def table(*rows: tuple[str, ...]) -> list[str]:
    head, *others = [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    return [head, "|---" * len(rows[0]) + "|", *others]


def settings_page() -> str:
    """.env.example, block by block: its sentences, and a table of what they are about."""
    lines = [
        "# Settings",
        "",
        "From the environment, or from `.env` beside `manage.py`. A value is the default, or an example.",
    ]
    for block in (ROOT / ".env.example").read_text().strip().split("\n\n"):
        rows: list[tuple[str, ...]] = []
        said: list[str] = []
        for line in block.split("\n"):
            if found := SETTING.fullmatch(line):
                if found["meaning"] and said:
                    # What stands above a list of settings is what all of them are about.
                    lines += ["", " ".join(said)]
                    said = []
                words = found["meaning"] or " ".join(said)
                rows.append((f"`{found['name']}`", f"`{found['value']}`" if found["value"] else "", words))
                said = []
            elif line.startswith("#   "):
                said.append(f"`{line[1:].strip()}`")
            else:
                said.append(line.removeprefix("#").strip())
        if rows:
            lines += ["", *table(("setting", "value", ""), *rows)]
        if said:
            lines += ["", " ".join(said)]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    rows = [
        (f"`{code}`", entry.meaning, BEHAVIOUR[entry.kind], entry.remedy) for code, entry in sorted(CATALOGUE.items())
    ]
    said = [
        "# Errors",
        "",
        "Every code that a run, an attempt or a destination can have, in the API, the console, metrics and logs alike.",
        "",
    ]
    return "\n".join([*said, *table(("code", "what happened", "the run", "what to do"), *rows)]) + "\n"


def metrics_page() -> str:
    said = [
        "# Metrics",
        "",
        "What `/metrics` answers: [operations](../operations.md#for-machines) says who may ask, and",
        "[runbooks](../runbooks.md) what to do when a figure is not as it should be.",
        "",
    ]
    suffix = {"counter": "_total"}
    rows = [
        (f"`{one.name}{suffix.get(one.type, '')}`", one.type, one.documentation)
        for one in sorted(SyncCollector().collect(), key=lambda one: one.name)
    ]
    return "\n".join([*said, *table(("metric", "kind", "what it is"), *rows)]) + "\n"


@pytest.mark.django_db
@pytest.mark.parametrize("page", [settings_page, errors_page, metrics_page])
def test_a_page_of_the_reference_is_what_the_code_says(page: Callable[[], str]) -> None:
    path, made = REFERENCE / f"{page.__name__.removesuffix('_page')}.md", page()
    if not path.exists():
        path.write_text(made)
    assert path.read_text() == made, "the code says otherwise by now: delete the page, run this again, commit it"
