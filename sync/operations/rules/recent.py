"""What the owner's workflows have written lately: what rules are held against before they are followed."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sync.postgres import TooSlowError, bounded_reading, fetch, read_sql
from sync.results import COLUMN_NAMES, COLUMN_TYPES, MAX_COLUMNS
from sync.rules import Rule, matches

# Executions of a workflow that are looked at, the newest; and workflows.
LAST = 20
_MOST, _MOST_OF_OWNER = 100, 10_000

_WORKFLOWS, _RECENT = read_sql(__file__, "workflows", "recent", column_names=COLUMN_NAMES, column_types=COLUMN_TYPES)


class Form(NamedTuple):
    """Columns, as result_columns declares them, of executions of a workflow, the newest first."""

    workflow_id: str
    execution_ids: Sequence[str]
    keys: Sequence[str | None]
    types: Sequence[str | None]


class Recent(NamedTuple):
    """The ids of the owner's workflows, and the forms of the last executions of those that rules are for.

    `complete`: there was time for it, and there are not too many workflows.
    """

    workflows: Collection[str]
    forms: Sequence[Form]
    complete: bool

    def newest(self) -> list[Form]:
        """The form of each workflow's newest execution."""
        return list({form.workflow_id: form for form in reversed(self.forms)}.values())[::-1]

    def keys(self) -> dict[str, set[str]]:
        """The keys that there were, by workflow."""
        found: dict[str, set[str]] = {form.workflow_id: set() for form in self.forms}
        for form in self.forms:
            found[form.workflow_id].update(key for key in form.keys if key is not None)
        return found


def recent(owner_id: UUID, rules: Sequence[Rule], seconds: float) -> Recent:
    """What the owner's workflows have written lately, as far as it can be read in so many seconds."""
    known: list[str] = []
    try:
        with bounded_reading(seconds):
            known = [
                workflow_id for (workflow_id,) in fetch(_WORKFLOWS, {"owner_id": owner_id, "most": _MOST_OF_OWNER})
            ]
            meant = _meant(rules, known)
            which = {"owner_id": owner_id, "workflows": meant[:_MOST], "last": LAST, "max": MAX_COLUMNS}
            forms = [Form(*row) for row in fetch(_RECENT, which)] if meant else []
    except TooSlowError:
        return Recent(known, [], complete=False)
    return Recent(known, forms, complete=len(meant) <= _MOST and len(known) < _MOST_OF_OWNER)


def _meant(rules: Sequence[Rule], known: Sequence[str]) -> list[str]:
    """The workflows that rules are for, first those that one names."""
    patterns = sorted({rule.workflow for rule in rules if rule.enabled}, key=lambda pattern: "*" in pattern)
    return list(dict.fromkeys(found for pattern in patterns for found in known if matches(pattern, found)))
