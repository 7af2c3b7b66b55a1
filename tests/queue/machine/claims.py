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

    Which items is left open, between destinations: they take turns. Within a destination the order is that of
    `run_after`; items of a batch key come together; nothing that might be claimed is left while there is room.
    """
    _open_windows(state, now)
    alive = state.workers[worker].is_alive(now, lease)
    units = {d: _units(state, d, batch, now) for d in state.destinations} if alive else {}
    taken = _by_unit(state, claims, units)
    for destination, numbers in taken.items():
        assert numbers == list(range(len(numbers))), f"{destination.id}: units {numbers} were taken out of turn"
    allowed = {d: min(len(units[d]), 1 if d.on_trial else limit) for d in units}
    count = sum(len(numbers) for numbers in taken.values())
    assert count == min(limit, sum(allowed.values())), f"{count} units, not {limit} of {list(allowed.values())}"
    _check_turns({d: len(taken.get(d, ())) for d in units}, allowed)
    for one in claims:
        _take(state, one, worker, now)
    for destination in taken:
        if destination.on_trial:
            destination.trial_until = now + lease


def _units(state: State, destination: Destination, batch: int, now: datetime) -> list[list[Item]]:
    """What may be claimed for a destination, in order: items alone, and the head of each batch key that is free."""
    if not destination.active or (destination.open and not _is_over(destination.until, now)):
        return []
    if destination.on_trial and destination.trial_until and destination.trial_until > now:
        return []
    batch_keys: defaultdict[str, list[Item]] = defaultdict(list)
    units = []
    for item in state.waiting(destination, due_until(destination, now)):
        if item.batch_key is None:
            units.append([item])
        elif not _is_busy(state, destination, item.batch_key, now):
            batch_keys[item.batch_key].append(item)
    together = batch if destination.shares and not destination.open else 1
    units += [_batch(items, together) for items in batch_keys.values()]
    return sorted(units, key=lambda unit: unit[0].order)


def due_until(destination: Destination, now: datetime) -> datetime:
    """With a min_interval: what was due when the window opened, and a minute's more."""
    opened, interval = destination.window_opened_at, destination.min_interval
    if not interval or opened is None or opened + interval <= now:
        return now
    return min(now, opened + min(interval, WINDOW))


def _open_windows(state: State, now: datetime) -> None:
    """A window opens when there is something to load."""
    for d in state.destinations:
        if d.min_interval and d.active and (not d.open or _is_over(d.until, now)):
            closed = d.window_opened_at is None or d.window_opened_at + d.min_interval <= now
            if closed and state.waiting(d, now):
                d.window_opened_at = now


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


def _by_unit(
    state: State, claims: Sequence[Claim], units: dict[Destination, list[list[Item]]]
) -> dict[Destination, list[int]]:
    """Which units of each destination were taken, each of them whole."""
    ids = {one.item_id for one in claims}
    assert len(ids) == len(claims), "an item was given out twice"
    taken: dict[Destination, list[int]] = {}
    known: set[UUID | None] = set()
    for destination, of_destination in units.items():
        for number, unit in enumerate(of_destination):
            members = {item.id for item in unit}
            if members & ids:
                assert members <= ids, f"of the batch {members}, only {members & ids} were given out"
                taken.setdefault(destination, []).append(number)
                known |= members
    assert not ids - known, f"not to be claimed now: {[state.item(id_) for id_ in ids - known]}"
    return taken


def _check_turns(taken: dict[Destination, int], allowed: dict[Destination, int]) -> None:
    """Nobody is two turns ahead of a destination that has something left."""
    waiting = [n for destination, n in taken.items() if n < allowed[destination]]
    assert not waiting or max(taken.values()) <= min(waiting) + 1, f"not in turn: {list(taken.values())}"


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
