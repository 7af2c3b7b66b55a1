"""The model of claiming: who may be given which items."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sync.queue import Claim
from tests.queue.machine.state import Destination, Item, State

# What becomes due so soon after a window opened is let in, too.
WINDOW = timedelta(minutes=1)
# A batch key is not kept for longer by what was claimed of it.
TOO_LONG = timedelta(minutes=1)


def claim(
    state: State, worker: int, limit: int, batch: int, lease: timedelta, now: datetime, claims: Sequence[Claim]
) -> None:
    """Checks an answer of claim(), and lets it take effect.

    How many threads a destination gets is left open. Within one the order is that of `run_after`; items of a batch key
    come together; nobody goes away empty while there is something; and a user is not passed over twice.
    """
    alive = state.workers[worker].is_alive(now, lease)
    allowed = {d: found for d in state.destinations if alive and (found := _allowed(state, d, now))}
    threads = _by_thread(state, claims)
    assert len(threads) <= limit, f"{len(threads)} threads, not {limit}"
    assert threads or not allowed or state.turns_lost, f"nothing, though there is something for {list(allowed)}"
    for destination, bundles in _by_destination(state, threads).items():
        _check(state, destination, bundles, allowed.get(destination, []), batch, now)
    _check_turns(state, {d.user for d in allowed}, claims)
    for one in claims:
        _take(state, one, worker, now)
    for destination in _by_destination(state, threads):
        if destination.on_trial:
            destination.trial_until = now + lease
        if destination.min_interval and _is_shut_for_long(destination, now):
            destination.window_opened_at = now


def _by_thread(state: State, claims: Sequence[Claim]) -> list[list[Item]]:
    ids = {one.item_id for one in claims}
    assert len(ids) == len(claims), "an item was given out twice"
    threads: defaultdict[int, list[Item]] = defaultdict(list)
    for one in claims:
        item = state.item(one.item_id)
        assert item
        threads[one.thread].append(item)
    return [sorted(items, key=lambda item: item.order) for _, items in sorted(threads.items())]


def _by_destination(state: State, threads: list[list[Item]]) -> dict[Destination, list[list[Item]]]:
    found: dict[Destination, list[list[Item]]] = {}
    for items in threads:
        assert len({(item.destination, item.batch_key) for item in items}) == 1, f"not to travel together: {items}"
        assert items[0].destination
        found.setdefault(items[0].destination, []).append(items)
    return found


def _check(
    state: State,
    destination: Destination,
    bundles: list[list[Item]],
    allowed: list[Item],
    batch: int,
    now: datetime,
) -> None:
    """What a destination gave out: of what may be claimed, in order, and no more together than may travel together."""
    assert not destination.on_trial or len(bundles) == 1, f"{destination.id} is on trial"
    together = batch if destination.shares and not destination.open else 1
    alone = [item for item in allowed if item.batch_key is None]
    keys = [items[0].batch_key for items in bundles if items[0].batch_key]
    assert len(keys) == len(set(keys)), f"{keys}: several threads at a batch key"
    for items in bundles:
        assert set(items) <= set(allowed), f"not to be claimed now: {items}"
        if key := items[0].batch_key:
            assert items == _batch([item for item in allowed if item.batch_key == key], together)
        else:
            place = alone.index(items[0])
            assert items == alone[place : place + len(items)], f"not in order: {items}"
            assert items == _batch(items, 1 if destination.on_trial else batch)
    taken = [item for items in bundles for item in items if item.batch_key is None]
    assert not taken or alone[0] in taken or state.turns_lost, f"{destination.id}: the first was passed over"


def _check_turns(state: State, users: set[UUID], claims: Sequence[Claim]) -> None:
    """Whoever has something is passed over at most once."""
    served = {d.user for d in state.destinations if d.id in {one.configuration_id for one in claims}}
    passed = users - served if served else set()
    again = passed & state.passed_over
    assert not again or state.turns_lost, f"passed over twice: {again}"
    state.passed_over = passed | (state.passed_over & users - served)


def _allowed(state: State, destination: Destination, now: datetime) -> list[Item]:
    """What may be claimed for a destination, in order."""
    if not destination.active or (destination.open and not _is_over(destination.until, now)):
        return []
    if destination.on_trial and destination.trial_until and destination.trial_until > now:
        return []
    due = state.waiting(destination, due_until(destination, now))
    return [i for i in due if i.batch_key is None or not _is_busy(state, destination, i.batch_key, now)]


def due_until(destination: Destination, now: datetime) -> datetime:
    """With a min_interval: what was due when the window opened, and a minute's more."""
    opened, interval = destination.window_opened_at, destination.min_interval
    if not interval or opened is None or opened + interval <= now:
        return now
    return min(now, opened + min(interval, WINDOW))


def _is_shut_for_long(destination: Destination, now: datetime) -> bool:
    """A window opens when there is something to load."""
    opened = destination.window_opened_at
    return opened is None or opened + destination.min_interval <= now


def _is_over(until: datetime | None, now: datetime) -> bool:
    """A pause without an end is over when something changes."""
    return until is not None and until <= now


def _is_busy(state: State, destination: Destination, batch_key: str, now: datetime) -> bool:
    """Whether somebody is at work on a batch key, and not for so long that he may have died there."""
    working = [
        i for i in state.items if i.destination is destination and i.batch_key == batch_key and i.status == "processing"
    ]
    return any(item.claimed_at and item.claimed_at > now - TOO_LONG for item in working)


def _batch(items: list[Item], together: int) -> list[Item]:
    """The first of a batch key, up to what makes a batch; one that has failed twice travels alone."""
    chosen = [items[0]]
    for item in items[1:together]:
        if any(one.retries >= max(one.max_retries - 1, 1) for one in (*chosen, item)):
            break
        chosen.append(item)
    return chosen


def _take(state: State, claim: Claim, worker: int, now: datetime) -> None:
    item = state.item(claim.item_id)
    assert item
    assert item.destination
    assert all(claim.claim_token != other.token for other in state.items)
    is_ = (claim.worker_id, claim.execution_id, claim.configuration_id, claim.generation, claim.retry_count)
    assert is_ == (worker, item.execution.id, item.destination.id, item.generation, item.retries)
    assert (claim.max_retries, claim.run_after, claim.batch_key) == (item.max_retries, item.run_after, item.batch_key)
    assert claim.on_trial == item.destination.on_trial
    assert claim.claim_token > state.last_token, "a token was used again"
    state.last_token = max(state.last_token, claim.claim_token)
    item.status, item.token, item.worker = "processing", claim.claim_token, worker
    item.claimed_generation, item.claimed_at, item.updated_at = item.generation, now, now
