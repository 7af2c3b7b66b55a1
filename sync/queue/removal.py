"""Removal: workers are asked to take out of Snowflake what is there although the rules exclude it now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sync.postgres import one_statement, read_sql
from sync.queue.execution_status import update_execution_status
from sync.queue.rows import Claim
from sync.queue.scope import WITHOUT_RULES, by_rules, excluded_now

_PAGE, _ASK, _TO_REMOVE = read_sql(__file__, "page", "ask", "to_remove", **WITHOUT_RULES)
_COUNT = by_rules(__file__, "count")
# Where an item stands in the order of a walk: when it was made, and its id.
Place = tuple[datetime, UUID]
_FIRST: Place = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Excluded:
    """What is meant: items of a destination that were as they are now at `as_of`, by a version of its rules."""

    configuration_id: UUID
    user_id: UUID
    version: int
    as_of: datetime


class ExcludedPage(NamedTuple):
    """The executions that a page found to be loaded and excluded, where it ended, and whether it was the last."""

    executions: list[str]
    after: Place | None
    is_last: bool


class Asked(NamedTuple):
    """The executions that workers are to remove now, and those whose items somebody else held."""

    asked: list[str]
    held: list[str]


class ToRemove(NamedTuple):
    """An item whose result is to be taken out, and where it is: nowhere, as far as it is known, if there is no name.

    `is_asked`: somebody has asked for it.
    """

    execution_id: str
    schema_name: str | None
    table_name: str | None
    row_count: int | None
    is_asked: bool


def excluded_page(what: Excluded, after: Place | None, *, size: int) -> ExcludedPage:
    """The executions that are loaded and that the rules exclude, among the next `size` items. Changes nothing."""
    at, id_ = after or _FIRST
    page = one_statement(_PAGE, _params(what) | {"user": what.user_id, "at": at, "id": id_, "size": size})
    loaded = [execution_id for _, _, execution_id, is_there in page if is_there]
    excluded = excluded_now(what.configuration_id, what.version, loaded, now=what.as_of) if loaded else {}
    found = [execution_id for execution_id in loaded if execution_id in excluded]
    return ExcludedPage(found, page[-1][:2] if page else after, len(page) < size)


def count_excluded(what: Excluded) -> tuple[int, int, int]:
    """How many executions are loaded that the rules in force exclude; their own tables, and rows in shared ones."""
    executions, tables, rows = one_statement(_COUNT(), _params(what) | {"user": what.user_id, "now": what.as_of})[0]
    return executions, tables, rows


def ask_removal(what: Excluded, executions: Sequence[str], *, now: datetime | None = None) -> Asked:
    """Asks workers to take these executions out of Snowflake, unless their items have changed. Waits for nobody.

    They do it if the rules exclude them still; what they do not exclude any more is loaded as usual.
    """
    params = _params(what) | {"executions": list(executions), "now": now}
    asked, held = one_statement(_ASK, params)[0]
    update_execution_status(asked)
    return Asked(asked, held)


def to_remove(claims: Iterable[Claim]) -> list[ToRemove]:
    """Those of these items, which the rules exclude, that have something in Snowflake that is to go, or may have."""
    rows = one_statement(_TO_REMOVE, {"items": [claim.item_id for claim in claims]})
    return [ToRemove(*row) for row in rows]


def _params(what: Excluded) -> dict[str, object]:
    return {"configuration": what.configuration_id, "as_of": what.as_of}
