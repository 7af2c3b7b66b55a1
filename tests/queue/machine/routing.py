"""The model of routing: what arrived is folded, and each destination of the owner gets an item, or the news."""

import math
from datetime import datetime, timedelta
from uuid import UUID

from tests.queue.machine.model import end, tell
from tests.queue.machine.rules import decide, is_out
from tests.queue.machine.seen import Seen
from tests.queue.machine.state import Destination, Execution, Item, News, State


def route(
    state: State, limit: int, max_retries: int, now: datetime, seen: Seen
) -> tuple[int, set[str], datetime | None, datetime | None]:
    """Rows looked at, the executions that were skipped, and when the first of the inbox and of the queue was due."""
    waiting = sorted(state.inbox, key=lambda news: news.order)
    gone = [news for news in waiting[:limit] if news.execution.id not in state.executions]
    due = [news for news in waiting if news.execution.id in state.executions and news.run_after <= now]
    pending = state.waiting(None, now)
    arrived = due[: limit - min(len(pending), math.ceil(limit / 5))]
    again = pending[: limit - len(arrived)]
    first_due = min((news.run_after for news in arrived), default=None)
    again_due = min((item.run_after for item in again), default=None)
    state.inbox = [news for news in state.inbox if news not in arrived and news not in gone]
    unrouted = _folded(state, arrived, again)
    skipped = {item.execution.id for item in unrouted if item.user and _goes_nowhere(state, item)}
    told = {item.execution.id for item in unrouted if not item.user or (item.execution.told and _active(state, item))}
    placed = [item for item in unrouted if item.user]
    for item in unrouted:
        if not item.user:
            code, remedy = "no_owner", state.reasons["no_owner"][1]
            end(state, item, "failed", code, (f"Execution {item.execution.id} has no owner.", remedy), now)
    for number, item in enumerate(placed):
        # One after the other, and none in the future.
        _place(state, item, max_retries, now, now - timedelta(microseconds=len(placed) - 1 - number))
    tell(state, (state.executions[id_] for id_ in skipped | told), seen)
    return len(arrived) + len(again), skipped, first_due, again_due


def _folded(state: State, arrived: list[News], again: list[Item]) -> list[Item]:
    """An execution's item without a destination, or a new one, for what is to be routed of it; in order."""
    orders: dict[str, list[tuple[datetime, int, UUID | None]]] = {}
    for item in again:
        orders.setdefault(item.execution.id, []).append((item.run_after, 0, item.user))
    for news in arrived:
        orders.setdefault(news.execution.id, []).append((*news.order, news.user))
    found: list[tuple[tuple[datetime, int, UUID], Item]] = []
    for id_, rows in orders.items():
        execution = state.executions[id_]
        first = min(at for at, *_ in rows)
        *_, user = max(rows, key=lambda row: row[:2])
        item = state.find(execution, None) or Item(execution, None, first, first, generation=0)
        order = (first, min(arrival for _, arrival, _ in rows), item.id or UUID(int=0))
        item.user, item.run_after = user or execution.workflow.owner, first
        found.append((order, item))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def _active(state: State, item: Item) -> list[Destination]:
    return [destination for destination in state.destinations_of(item.user) if destination.active]


def _goes_nowhere(state: State, item: Item) -> bool:
    """Whether no destination has it, or the rules of each that has exclude it."""
    return all(is_out(state.find(item.execution, one) or item, one) for one in _active(state, item))


def _place(state: State, item: Item, max_retries: int, now: datetime, due: datetime) -> None:
    for destination in state.destinations_of(item.user):
        if not destination.active:
            _news_while_off(state, item.execution, destination, now)
    known = [destination for destination in _active(state, item) if state.find(item.execution, destination)]
    fresh = [destination for destination in _active(state, item) if destination not in known]
    for destination in known:
        _fold(state, item.execution, destination, now, due)
    for place, destination in enumerate(fresh):
        _give(state, item, destination, max_retries, now, due, is_first=place == 0)
    if not known and not fresh:
        end(state, item, "skipped", "no_destination", state.reasons["no_destination"], now)
    elif not fresh:
        state.forget(iter([item]))


def _news_while_off(state: State, execution: Execution, destination: Destination, now: datetime) -> None:
    item = state.find(execution, destination)
    if item:
        item.generation += 1
        item.status = "processing" if item.status == "processing" else "skipped"
        item.updated_at = now
        item.says("destination_inactive", state.reasons["destination_inactive"])


def _fold(state: State, execution: Execution, destination: Destination, now: datetime, due: datetime) -> None:
    item = state.find(execution, destination)
    assert item
    item.generation += 1
    decide(state, item, destination, now)
    item.run_after = due
    item.batch_key = _batch_key(execution, destination)


def _give(
    state: State,
    unrouted: Item,
    destination: Destination,
    max_retries: int,
    now: datetime,
    due: datetime,
    *,
    is_first: bool,
) -> None:
    item = unrouted if is_first else Item(unrouted.execution, unrouted.user, now, now)
    if item not in state.items:
        state.items.append(item)
        item.generation = 1
    item.destination, item.max_retries = destination, max_retries
    decide(state, item, destination, now)
    item.run_after = due
    item.batch_key = _batch_key(item.execution, destination)


def _batch_key(execution: Execution, destination: Destination) -> str | None:
    return str(execution.workflow.id) if destination.shares else None
