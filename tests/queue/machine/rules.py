"""The model of rules: which items they exclude, and what an item becomes by that."""

from datetime import datetime

from tests.queue.machine.state import Destination, Item, State, Workflow

EXCLUDED = "excluded_by_rule"
# The last attempt has seen to it that nothing is there.
_NOTHING_THERE = (None, "removed", "skipped")


def said(workflow: Workflow) -> str:
    """What is said of an execution that is excluded: there is a rule for each workflow."""
    return f'Rule "not {workflow.name}" excludes it.'


def may_be_there(item: Item) -> bool:
    """Whether a worker has to look after what is excluded: it was asked to, or a try may have left something."""
    return item.to_be_removed or (item.table is None and item.last_outcome not in _NOTHING_THERE)


def is_known_there(item: Item) -> bool:
    """Whether it is in Snowflake as far as it is known, and no worker has to look at it anyway."""
    return item.table is not None and (item.status in ("completed", "failed") or is_excluded(item))


def is_excluded(item: Item) -> bool:
    return (item.status, item.code) == ("skipped", EXCLUDED)


def is_out(item: Item, destination: Destination | None) -> bool:
    """Whether it is skipped in place of becoming pending."""
    return destination is not None and destination.excludes(item.execution) and not may_be_there(item)


def again(item: Item, now: datetime) -> None:
    """It gets another try, with all its retries; whoever is busy with it stays so."""
    item.status = "processing" if item.status == "processing" else "pending"
    item.retries, item.run_after, item.updated_at = 0, now, now
    item.code = item.message = item.remedy = None


def decide(state: State, item: Item, destination: Destination | None, now: datetime) -> bool:
    """The same, unless a rule excludes it; whether it does not."""
    out = is_out(item, destination)
    again(item, now)
    if out:
        item.status = "processing" if item.status == "processing" else "skipped"
        item.processed_at = now
        item.says(EXCLUDED, (said(item.execution.workflow), state.reasons[EXCLUDED][1]))
    return not out
