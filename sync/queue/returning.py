"""What a rule has excluded comes back, by hand, once no rule excludes it any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sync.postgres import one_statement
from sync.queue.execution_status import update_execution_status
from sync.queue.scope import by_rules

_COUNT, _PAGE = by_rules(__file__, "count"), by_rules(__file__, "page")
_FIRST = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Returning:
    """What is meant: skipped items of a destination that have not changed since `as_of`."""

    configuration_id: UUID
    user_id: UUID
    as_of: datetime


class ReturnPage(NamedTuple):
    """Items read, the creation and id of the last of them, how many come back, and those that somebody held."""

    rows: int
    after: tuple[datetime, UUID] | None
    found: int
    held: list[UUID]


def count_excluded_earlier(what: Returning) -> int:
    """How many items a rule of this destination excluded, and no rule in force excludes. Changes nothing."""
    number: int = one_statement(_COUNT(), _params(what, None))[0][0]
    return number


def return_page(
    what: Returning,
    *,
    size: int,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    item_ids: Sequence[UUID] | None = None,
    now: datetime | None = None,
) -> ReturnPage:
    """Makes at most `limit` of the owner's next `size` skipped items pending again, or of `item_ids`.

    Those that a rule of this destination excluded, and that no rule in force excludes. What a rule says of their age
    goes by the time now.
    """
    after_at, after_id = after or _FIRST
    params = _params(what, now) | {
        "size": size,
        "limit": limit,
        "after_at": after_at,
        "after_id": after_id,
        "items": None if item_ids is None else list(item_ids),
    }
    rows, at, id_, found, held, executions = one_statement(_PAGE(), params)[0]
    update_execution_status(executions)
    return ReturnPage(rows, at and (at, id_), found, held)


def _params(what: Returning, now: datetime | None) -> dict[str, object]:
    return {"configuration": what.configuration_id, "user": what.user_id, "as_of": what.as_of, "now": now}
