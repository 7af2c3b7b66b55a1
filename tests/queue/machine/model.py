"""A model of the queue's promises: what each call does to items, executions and destinations.

Pure Python. Where a promise leaves a choice (an id, the jitter of a delay, which of too many), the model takes what it
sees in the database, and raises AssertionError where that is not one of the choices.
"""

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sync.queue.follow_destinations import Followed
from tests.queue.machine import rules
from tests.queue.machine.seen import ItemRow, Seen
from tests.queue.machine.state import BY_TRIGGER, OPEN, Destination, Execution, Item, News, State, Version

BY_HAND = "skipped_by_hand"


def queue_execution(state: State, execution: Execution, *, run_after: datetime) -> None:
    """Into the inbox: as the trigger, the sweep and enqueue() do."""
    state.inbox.append(News(execution, execution.workflow.owner, run_after))


def write(
    state: State,
    execution: Execution,
    *,
    status: str | None = None,
    results: int | None = None,
    trigger: bool = True,
) -> None:
    """The application writes an execution's row. Queued: what becomes completed, and results that really change."""
    before = (execution.status, execution.results)
    execution.status, execution.results = status or execution.status, results or execution.results
    execution.version = Version()
    if trigger and execution.status == "completed" and before != (execution.status, execution.results):
        queue_execution(state, execution, run_after=BY_TRIGGER)


def delete_execution(state: State, execution: Execution) -> None:
    del state.executions[execution.id]
    state.forget(item for item in state.items if item.execution is execution)


def delete_destination(state: State, destination: Destination) -> None:
    state.destinations.remove(destination)
    state.forget(item for item in state.items if item.destination is destination)


def end(state: State, item: Item, status: str, code: str, reason: tuple[str, str], now: datetime) -> None:
    """As the execution's item without a destination."""
    if item not in state.items:
        state.items.append(item)
    item.says(code, reason)
    item.generation += 1
    item.status, item.retries = status, 0
    item.run_after = item.processed_at = item.updated_at = now


def follow(state: State, limit: int, now: datetime, seen: Seen) -> Followed:
    """Items follow destinations that were switched on or off; how many at most, of each kind."""
    off = _chosen([i for i in state.items if goes(i)], limit, seen, lambda row: row.status == "skipped")
    for item in off:
        item.status, item.updated_at, item.processed_at = "skipped", now, now
        item.says("destination_inactive", state.reasons["destination_inactive"])
    back = [i for i in state.items if comes_back(state, i)]
    on = _chosen(back, limit, seen, lambda row: row.status == "pending" or row.code == rules.EXCLUDED)
    for item in on:
        rules.decide(state, item, item.destination, now)
    tell(state, (item.execution for item in (*off, *on)), seen)
    return Followed(0, len(off), len(on))


def goes(item: Item) -> bool:
    """Whether it waits at a destination that is off."""
    return item.status == "pending" and item.destination is not None and not item.destination.active


def comes_back(state: State, item: Item) -> bool:
    """Whether it was skipped for want of a destination that is there now."""
    if item.status != "skipped":
        return False
    if item.destination is None:
        return item.code == "no_destination" and any(d.active for d in state.destinations_of(item.user))
    return item.code == "destination_inactive" and item.destination.active


def _chosen(candidates: list[Item], limit: int, seen: Seen, changed: Callable[[ItemRow], bool]) -> list[Item]:
    """All of them, or as many as `limit`: which, the database decides."""
    if len(candidates) <= limit:
        return candidates
    chosen = [item for item in candidates if changed(seen.items[item.key])]
    assert len(chosen) == limit, f"{len(chosen)} of {len(candidates)} were changed; {limit} were asked for"
    return chosen


def retry(state: State, item_ids: Iterable[UUID], now: datetime, seen: Seen) -> set[UUID]:
    """What failed or was skipped, by hand or by a rule, with all retries, unless it is excluded.

    An item without an owner looks for one again.
    """
    done: set[UUID] = set()
    told: list[Execution] = []
    for item_id in item_ids:
        item = state.item(item_id)
        owner = item and (item.user or item.execution.workflow.owner)
        skipped = item and item.status == "skipped" and item.code in (BY_HAND, rules.EXCLUDED)
        if item and owner and (item.status == "failed" or skipped):
            item.user = owner
            if rules.decide(state, item, item.destination, now):
                done.add(item_id)
            told.append(item.execution)
    tell(state, told, seen)
    return done


def skip(state: State, item_ids: Collection[UUID], now: datetime, seen: Seen) -> int:
    """What failed or waits is not wanted, in the queue or in its inbox; how many."""
    items = [item for item in map(state.item, item_ids) if item and item.status in ("failed", "pending")]
    for item in items:
        item.says(BY_HAND, state.reasons[BY_HAND])
        item.status, item.processed_at, item.updated_at = "skipped", now, now
        item.to_be_removed = False
    skipped = len(items)
    news = [one for one in state.inbox if one.id in item_ids and one.execution.id in state.executions]
    for one in news:
        state.inbox.remove(one)
    for execution in {one.execution: None for one in news}:
        first = next(one for one in news if one.execution is execution)
        item = state.find(execution, None) or Item(execution, None, first.run_after, now, generation=0)
        item.user = first.user
        end(state, item, "skipped", BY_HAND, state.reasons[BY_HAND], now)
        items.append(item)
    for item in items:
        unrouted = state.find(item.execution, None)
        if unrouted and (unrouted.status, unrouted.code) == ("skipped", BY_HAND):
            unrouted.result_hash = state.hashes[item.execution.results]
    tell(state, (item.execution for item in items), seen)
    return skipped + len(news)


def sweep(state: State, page: int, now: datetime, seen: Seen, *, whole: bool) -> tuple[int, int, int]:
    """Executions looked at, missing, changed. `whole`: goes on to the end, rather than one page."""
    looked_at = missing = changed = 0
    while True:
        ids = sorted(id_ for id_ in state.executions if id_ > state.position)[:page]
        lagging = [state.executions[id_] for id_ in ids if _lags(state, state.executions[id_])]
        for id_ in ids:
            execution = state.executions[id_]
            if _is_missing(state, execution):
                missing += 1
                queue_execution(state, execution, run_after=now)
            elif _has_changed(state, execution):
                changed += 1
                queue_execution(state, execution, run_after=now)
        tell(state, lagging, seen)
        looked_at += len(ids)
        state.position = ids[-1] if len(ids) == page else ""
        if not state.position or not whole:
            return looked_at, missing, changed


def _is_missing(state: State, execution: Execution) -> bool:
    return (
        execution.status == "completed"
        and not execution.is_uploaded
        and not (state.items_of(execution) or state.news_of(execution))
    )


def _has_changed(state: State, execution: Execution) -> bool:
    """Somebody wrote the row since an item's results were read, and they are others now."""
    unrouted = state.find(execution, None)
    if execution.status != "completed" or (unrouted and unrouted.status == "pending") or state.news_of(execution):
        return False
    suspicious = [
        item
        for item in state.items_of(execution)
        if item.destination
        and item.destination.active
        and item.destination.user == execution.workflow.owner
        and item.status in ("completed", "failed")
        and (item.result_hash is not None or item.seen_version is not None)
        and item.seen_version is not execution.version
    ]
    current = state.hashes[execution.results]
    for item in suspicious:
        if current in (item.result_hash, unrouted and unrouted.result_hash):
            item.seen_version = execution.version
    return any(current not in (item.result_hash, unrouted and unrouted.result_hash) for item in suspicious)


def _lags(state: State, execution: Execution) -> bool:
    """Whether it says pending or failed of items that are gone with their destination, or nothing of skipped ones."""
    statuses = {item.status for item in state.items_of(execution)}
    if execution.told is None:
        return "skipped" in statuses
    open_ = OPEN if execution.told == "pending" else ()
    return bool(statuses) and execution.told in ("pending", "failed") and not statuses & {execution.told, *open_}


def tell(
    state: State,
    executions: Iterable[Execution],
    seen: Seen,
    withdrawn: Iterable[tuple[Execution, str | None]] = (),
) -> None:
    """Writes what became of an execution's items into its own row; only what differs. Not where it is no longer."""
    gone = list(withdrawn)
    for execution in set(executions):
        items = state.items_of(execution)
        if execution.id in state.executions and items:
            _tell(execution, items, {table for one, table in gone if one is execution}, seen)


def _tell(execution: Execution, items: Sequence[Item], withdrawn: Container[str | None], seen: Seen) -> None:
    before = (execution.told, execution.message, execution.table, execution.uploaded_at, execution.rows)
    if execution.table and execution.table in withdrawn:
        execution.table = execution.uploaded_at = execution.rows = None
    execution.told = summary(items)
    execution.message = _message(execution, items, seen)
    loaded = [item for item in items if item.status == "completed" and item.table]
    if loaded:
        first = min(loaded, key=_oldest_active_first)
        execution.table, execution.uploaded_at, execution.rows = first.table, first.processed_at, first.rows
    if before != (execution.told, execution.message, execution.table, execution.uploaded_at, execution.rows):
        written, execution.version = execution.version, Version()
        # Whoever has seen the row as it was before our own write has seen it as it is now.
        for item in items:
            if item.seen_version is written:
                item.seen_version = execution.version


def summary(items: Sequence[Item]) -> str:
    """Failed if any failed, else pending if any is open, else completed, else skipped."""
    statuses = {item.status for item in items}
    if "failed" in statuses:
        return "failed"
    if statuses & set(OPEN):
        return "pending"
    return "completed" if "completed" in statuses else "skipped"


def _oldest_active_first(item: Item) -> tuple[bool, int]:
    assert item.destination
    return not item.destination.active, item.destination.created


def _message(execution: Execution, items: Sequence[Item], seen: Seen) -> str | None:
    """That of what failed last; of several at the same moment, any."""
    saying = [item for item in items if item.status != "completed" and item.message]
    if not saying:
        return None
    last = max((item.status == "failed", item.updated_at) for item in saying)
    choices = {item.told for item in saying if (item.status == "failed", item.updated_at) == last}
    is_ = seen.executions[execution.id].message
    assert is_ in choices, f"execution {execution.id} says {is_!r}, not one of {choices!r}"
    return is_
