"""Lists of runs, page by page in both directions, and how many there are of each kind.

A run is an execution as people see it, with an item for each of its destinations. It is in a list if one of its items
is meant, and stands where the latest of these stands: by when it was queued, or, in a list of what failed, by when it
failed. What a page costs does not depend on how many runs there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem
from sync.postgres import fetch, read_sql
from sync.queue import ItemFilter
from sync.reporting.cursor import Cursor

# Items of one status, in one span of time, beyond this number are not counted; where each has to be looked up, fewer.
MOST_COUNTED, MOST_LOOKED_UP = 1_000, 100
# If a destination, a workflow or an error is asked for, the runs of a page are looked for among so many items.
LOOKED_AT = 2_000
# Runs whose places are found at once, for whoever wants many.
PAGE = 1_000
# Items that are looked at for each run of a page, since a run may have several.
ITEMS_EACH = 2

Status = SyncQueueItem.Status
_WITH_ERRORS = (Status.PENDING.value, Status.FAILED.value, Status.SKIPPED.value)
EVER, NEVER = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_EACH = "item.id, item.execution_id, item.status, item.configuration_id, item.error_code"
_KEYS = "item.id, NULL::text AS execution_id, item.status, NULL::uuid AS configuration_id, NULL::text AS error_code"
_FAILED_KEYS = _KEYS.replace("item.status", "'failed'::text AS status")
_WITHIN = "AND item.created_at {} coalesce((SELECT created_at FROM bound), '{}')"
_DOWN = {"before": "<", "order": "DESC", "within": _WITHIN.format(">=", "-infinity")}
_UP = {"before": ">", "order": "ASC", "within": _WITHIN.format("<=", "infinity")}


def _ordered(order: str) -> dict[str, str]:
    return {
        f"by_{name}": f"ORDER BY item.{name} {order}, item.id {order}" if order else ""
        for name in ("created_at", "run_after", "updated_at")
    }


def _page(source: str, way: dict[str, str]) -> str:
    """The statement that finds a page."""
    return _made("page", source, {"enough": "", **way, **_ordered(way["order"])})


def _count(source: str) -> str:
    """The statement that counts: whichever items come first."""
    return _made("count", source, {"enough": "LIMIT %(size)s", **_DOWN, "within": "", **_ordered("")})


def _made(name: str, source: str, parts: dict[str, str]) -> str:
    parts = {"columns": _EACH, "indexed": _KEYS, "failed_keys": _FAILED_KEYS, "source": "", **parts}
    (found,) = read_sql(__file__, source, **parts)
    return read_sql(__file__, name, **{**parts, "source": found})[0]


_SOURCES = ("queued", "failed", "named")
_PAGES = {(source, way["order"]): _page(source, way) for source in _SOURCES for way in (_DOWN, _UP)}
_COUNTS = {source: _count(source) for source in _SOURCES}
_DETAILS = _made("details", "queued", {"enough": "", **_DOWN, **_ordered("")})


class RunItem(NamedTuple):
    """A run in one destination."""

    id: UUID
    status: str
    retry_count: int
    max_retries: int
    run_after: datetime
    error_code: str | None
    error_message: str | None
    schema_name: str | None
    table_name: str | None
    row_count: int | None
    source_row_count: int | None
    created_at: datetime
    updated_at: datetime
    configuration: SnowflakeConfiguration | None


@dataclass(frozen=True, slots=True)
class Run:
    """An execution, with where it goes. `at`: where it stands in its list."""

    execution_id: str
    at: datetime
    completed_at: datetime | None
    workflow_id: str | None
    workflow_name: str | None
    user_email: str | None
    items: tuple[RunItem, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs, the latest first, and the cursors to the pages beside this one.

    If what is asked for is rare, a page may hold fewer runs than were asked for without being the last one.
    """

    runs: list[Run]
    older: Cursor | None
    newer: Cursor | None


# Runs by their ids, and where each stands.
Places = dict[str, Cursor]


class Number(NamedTuple):
    """How many; unless `is_exact`, there may be more."""

    value: int = 0
    is_exact: bool = True


def list_runs(what: ItemFilter, *, limit: int, after: Cursor | None = None, before: Cursor | None = None) -> RunPage:
    """At most `limit` runs that stand after a cursor, or just before one; the latest first."""
    position = before or after or Cursor(NEVER, UUID(int=0))
    shown, end = _places(what, limit, position, _UP if before else _DOWN)
    start = (next(iter(shown.values())) if shown else position) if before or after else None
    runs = runs_at(what, shown)
    if before:
        return RunPage(runs[::-1], older=start, newer=end)
    return RunPage(runs, older=end, newer=start)


def places_of_runs(what: ItemFilter, *, most: int) -> tuple[Places, bool]:
    """Where up to `most` runs stand, the latest first, and whether these are all: for whoever reads them in parts."""
    places: Places = {}
    after: Cursor | None = Cursor(NEVER, UUID(int=0))
    while after is not None and len(places) < most:
        page, after = _places(what, min(PAGE, most - len(places)), after, _DOWN)
        # What has changed meanwhile stands where it was first seen.
        places |= {id_: place for id_, place in page.items() if id_ not in places}
    return places, after is None


def runs_at(what: ItemFilter, places: Places) -> list[Run]:
    """The runs that stand there, in this order, without those that were deleted meanwhile."""
    return _details(places, _listed(what.user_ids))


def _places(what: ItemFilter, limit: int, position: Cursor, way: dict[str, str]) -> tuple[Places, Cursor | None]:
    """At most `limit` of them, and where to go on."""
    params, source = _params(what), _source(what)
    params["size"] = LOOKED_AT if _is_narrow(what) else (limit + 1) * ITEMS_EACH
    params |= {"position_at": position.at, "position_id": position.id, "enough": limit + 1}
    found = fetch(_PAGES[source, way["order"]], params)
    heads = [(Cursor(at, id_), execution_id) for id_, execution_id, at, is_head in found if is_head]
    # Several results of one execution may wait in the inbox.
    first: Places = {}
    for at, execution_id in heads:
        first.setdefault(execution_id, at)
    shown = list(first.items())[:limit]
    # Where it goes on: after the last that is shown; or the last that was found, or looked at.
    if len(first) > limit:
        return dict(shown), shown[-1][1]
    if len(heads) > limit:
        return dict(shown), heads[-1][0]
    return dict(shown), next((Cursor(at, id_) for id_, _, at, is_head in found if not is_head), None)


def count_runs(what: ItemFilter, spans: Mapping[str, tuple[datetime, datetime]]) -> dict[tuple[str, str], Number]:
    """How many runs there are in each span of time, by status, and with the status "" in all.

    What failed is counted by when it failed, as its list has it, but in all by when it was queued. Of the first span
    all statuses are counted, of the others the one that is asked for.
    """
    asked: list[tuple[str, str, bool, datetime, datetime]] = []
    wanted, every = _statuses(what), _statuses(replace(what, statuses=None))
    failing = wanted == (Status.FAILED,)
    for place, (name, (since, until)) in enumerate(spans.items()):
        if place == 0 or not failing:
            asked += [(name, status, False, since, until) for status in (wanted if place else every)]
        if place == 0 or failing:
            asked.append((name, Status.FAILED.value, True, since, until))
    params = _params(replace(what, statuses=None))
    params |= {"position_at": NEVER, "position_id": UUID(int=0), "is_narrow": _is_narrow(what)}
    most = MOST_LOOKED_UP if params["is_narrow"] else MOST_COUNTED
    params["size"] = most + 1
    found: dict[tuple[str, str], Number] = {}
    for source, by_failure in (("queued", False), ("failed", True)):
        lines = [line for line in asked if line[2] == by_failure]
        given = dict(zip(("names", "of", "by", "sinces", "untils"), map(list, zip(*lines, strict=True)), strict=True))
        statement = _COUNTS[source if what.execution_ids is None else "named"]
        if lines:
            found |= _numbers(
                fetch(statement, {**params, **given}), most, by_failure=by_failure, is_narrow=_is_narrow(what)
            )
    return found


def _numbers(
    rows: list[tuple[Any, ...]], most: int, *, by_failure: bool, is_narrow: bool
) -> dict[tuple[str, str], Number]:
    capped = {name for name, status, _, looked_at, _ in rows if status and looked_at > most}
    found: dict[tuple[str, str], Number] = {}
    for name, status, runs, looked_at, each in rows:
        if by_failure != (status == Status.FAILED):
            continue
        is_exact = looked_at <= most if status else name not in capped
        # Of more than are counted is known how many items they are, and how many a run has at most.
        found[name, status or ""] = Number(runs if is_exact or is_narrow else looked_at // each, is_exact)
    return found


def _statuses(what: ItemFilter) -> tuple[str, ...]:
    """Those that are asked for, or all; what is in Snowflake, or on its way, has no error."""
    if what.statuses is not None:
        return what.statuses
    return _WITH_ERRORS if what.error_codes else tuple(Status.values)


def _source(what: ItemFilter) -> str:
    if what.execution_ids is not None:
        return "named"
    return "failed" if what.statuses == (Status.FAILED,) else "queued"


def _is_narrow(what: ItemFilter) -> bool:
    return not (what.configuration_ids is what.workflow_ids is what.error_codes is what.execution_ids is None)


def _params(what: ItemFilter) -> dict[str, Any]:
    (error_code,) = what.error_codes or (None,)
    return {
        "user_ids": _listed(what.user_ids),
        "statuses": list(_statuses(what)),
        "by_failure": what.statuses == (Status.FAILED,),
        "configuration_ids": _listed(what.configuration_ids),
        "workflow_ids": _listed(what.workflow_ids),
        "execution_ids": _listed(what.execution_ids),
        "error_code": error_code,
        "since": what.since or EVER,
        "until": what.until or NEVER,
    }


def _listed(values: tuple[Any, ...] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _details(shown: Places, user_ids: list[UUID] | None) -> list[Run]:
    runs: dict[str, Run] = {}
    items: dict[str, list[RunItem]] = {}
    rows = fetch(_DETAILS, {"ids": list(shown), "user_ids": user_ids}) if shown else []
    for execution_id, completed_at, workflow_id, workflow_name, email, *item in rows:
        *stored, configuration_id, name, account, database, schema = item
        configuration = None
        if configuration_id is not None:
            configuration = SnowflakeConfiguration(
                id=configuration_id, name=name, account_identifier=account, database=database, schema=schema
            )
        items.setdefault(execution_id, []).append(RunItem._make([*stored, configuration]))
        at = shown[execution_id].at
        runs[execution_id] = Run(execution_id, at, completed_at, workflow_id, workflow_name, email, ())
    return [replace(runs[id_], items=tuple(items[id_])) for id_ in shown if id_ in runs]
