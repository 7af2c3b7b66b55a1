"""Retention: workers are asked to take out of Snowflake what a destination no longer keeps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from sync.errors import SyncError, failure
from sync.postgres import fetch, one_statement, read_sql
from sync.queue.execution_status import update_execution_status
from sync.queue.rows import Claim
from sync.queue.scope import WITHOUT_RULES

_COUNT, _ASK, _PAST = read_sql(__file__, "count", "ask", "past_retention", **WITHOUT_RULES)
# Results and workflows that one page looks at.
PAGE, WORKFLOWS = 500, 20


class ResultPlace(NamedTuple):
    """Where a result stands in a walk: by workflow, when it was loaded or, of the last ones, computed; execution."""

    workflow_id: UUID
    stands_at: datetime
    execution_id: str


# Before the first one.
FIRST = ResultPlace(UUID(int=0), datetime.min.replace(tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class PastRetention:
    """What is meant: results of a destination, or of one of its workflows (workflows.id), as they were at `as_of`."""

    configuration_id: UUID
    workflow_id: UUID | None = None
    as_of: datetime | None = None


class PastCount(NamedTuple):
    """Results of a workflow that go: `tables` are executions' own, `rows` are in tables that are shared.

    `only_copies` go although the application has them no more; so many `kept` stay because of that.
    """

    workflow_id: UUID
    workflow_name: str
    results: int
    tables: int
    rows: int
    only_copies: int
    kept: int


class AskedPage(NamedTuple):
    """What a page came to: the executions that were asked for, and those whose items somebody else held.

    `going`: so many more have no item, and are taken out without being asked for.
    `waits`: rows of shared tables are left until the warehouse is awake. `after` is where to go on; None: this was the
    last page.
    """

    asked: list[str]
    held: list[str]
    going: int
    waits: bool
    after: ResultPlace | None


def settled() -> float:
    """Seconds after which whatever was being loaded when its execution was deleted has ended."""
    return float(settings.SYNC_STATEMENT_SECONDS + 3_600)


def count_past(what: PastRetention) -> list[PastCount]:
    """What is past retention, by workflow. Changes nothing. In whatever transaction is open, and within its limits."""
    params = _params(what, FIRST, rows=None, workflows=None) | {"now": None}
    return [PastCount(*row) for row in fetch(_COUNT, params)]


def ask_past(
    what: PastRetention,
    after: ResultPlace = FIRST,
    *,
    awake: bool,
    limit: int = PAGE,
    rows: int = PAGE,
    workflows: int = WORKFLOWS,
    now: datetime | None = None,
) -> AskedPage:
    """Asks workers to take out at most `limit` results of the next page that are past retention. Waits for nobody.

    They do it if it is so still; what is not any more, or has newer results by then, is loaded as usual. Rows of shared
    tables only if the warehouse is `awake`, or somebody asked.
    """
    params = _params(what, after, rows=rows, workflows=workflows)
    params |= {"awake": awake, "limit": limit, "settled": settled(), "now": now}
    asked, held, going, waits, seen, steps, *last = one_statement(_ASK, params)[0]
    update_execution_status(asked)
    is_last = seen < rows and steps < workflows
    return AskedPage(asked, held, going, waits, None if is_last else ResultPlace(*last))


def past_retention(claims: Iterable[Claim], *, now: datetime | None = None) -> dict[str, SyncError]:
    """Of these executions, those that are to go because they are past retention, and what is said of that."""
    items = [claim.item_id for claim in claims if claim.is_to_be_removed]
    found = one_statement(_PAST, {"items": items, "now": now}) if items else []
    return {execution_id: failure("past_retention", _said(keeps, amount)) for execution_id, keeps, amount in found}


def _said(keeps: str, amount: int) -> str:
    match keeps:
        case "days":
            return f"The destination keeps results for {amount:,} {'day' if amount == 1 else 'days'}"
        case "last":
            return f"The destination keeps the last {amount:,} of the workflow's results, and this is an earlier one"
        case _:
            return "It was past the destination's retention"


def _params(what: PastRetention, after: ResultPlace, *, rows: int | None, workflows: int | None) -> dict[str, object]:
    return {
        "configuration": what.configuration_id,
        "workflow": what.workflow_id,
        "as_of": what.as_of,
        "from_workflow": after.workflow_id,
        "from_at": after.stands_at,
        "from_execution": after.execution_id,
        "rows": rows,
        "workflows": workflows,
    }
