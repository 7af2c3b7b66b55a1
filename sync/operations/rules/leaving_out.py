"""Leaving out single executions: a rule of a destination that names them, before all others."""

from collections.abc import Sequence
from uuid import UUID

from sync.operations.change import apply_change
from sync.operations.rules.editing import add_rule
from sync.postgres import database_now
from sync.queue import Change, ItemFilter


def leave_out(
    configuration_id: UUID, execution_ids: Sequence[str], *, author: str, expected_version: int | None
) -> str:
    """Adds the rule; the name that it got. What waits or has failed is skipped; what is loaded stays where it is.

    Raises what `add_rule` does.
    """
    as_of = database_now()
    name = f"left out {as_of:%Y-%m-%d %H:%M:%S}"
    document = {
        "kind": "scope",
        "action": "exclude",
        "name": name,
        "note": "Ticked in the list of runs.",
        "when": [{"field": "execution", "operator": "in", "value": list(execution_ids)}],
    }
    add_rule(configuration_id, document, author=author, position=1, expected_version=expected_version)
    # A worker skips what waits when its turn comes. Another try of what failed says which rule excludes it.
    failed = ItemFilter(execution_ids=tuple(execution_ids), configuration_ids=(configuration_id,), statuses=("failed",))
    apply_change(Change.RETRY, failed, as_of=as_of, wanted=len(execution_ids))
    return name
