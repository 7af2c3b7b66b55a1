"""The model of how claims end: finished, refused, or rescued."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sync.queue import Claim, Finish, endings
from tests.queue.machine.model import tell
from tests.queue.machine.seen import Seen
from tests.queue.machine.state import Execution, Item, State, Version

# Seconds that a living worker's claim must be old before it is taken from it as one that it does not hold.
UNHELD = timedelta(seconds=30)


def finish(
    state: State, endings: Sequence[Finish], versions: dict[int, Version | None], now: datetime, seen: Seen
) -> list[str | None]:
    """The answers. `versions` are those of the executions' rows that the results were read from, by token."""
    ids = {ending.claim.execution_id for ending in endings} & state.executions.keys()
    before = {id_: state.executions[id_].version for id_ in ids}
    held = {e.claim.item_id: e for e in endings if _holds(state, e)}
    read = {id_ for id_, e in held.items() if _has_read(state, e, versions.get(e.claim.claim_token), before)}
    answers: dict[UUID, str] = {}
    withdrawn: list[tuple[Execution, str | None]] = []
    for item_id, ending in held.items():
        item = state.item(item_id)
        assert item
        _end(item, ending, now)
        # What failed before it was read has seen the row as it is: only what is written later can help.
        if item_id in read or (item.status == "failed" and item.result_hash is None):
            item.seen_version = before[item.execution.id]
        _record(state, item, ending)
        if ending.outcome == "removed":
            withdrawn.append((item.execution, item.table))
            _forget(item)
        answers[item_id] = item.status
    for ending in endings:
        item = state.item(ending.claim.item_id)
        if item and ending.claim.item_id not in held:
            _refuse(state, item, ending, answers, now)
    tell(state, (state.executions[id_] for id_ in ids), seen, withdrawn)
    return [answers.get(ending.claim.item_id) for ending in endings]


def _holds(state: State, ending: Finish) -> bool:
    item = state.item(ending.claim.item_id)
    return item is not None and item.status == "processing" and item.token == ending.claim.claim_token


def _has_read(state: State, ending: Finish, version: Version | None, before: dict[str, Version]) -> bool:
    """Whether an item has seen its execution's row as it stands: itself, or a sibling has with the same results."""
    item = state.item(ending.claim.item_id)
    assert item
    current = before[item.execution.id]
    result_hash = item.result_hash if ending.attempt.result_hash is None else ending.attempt.result_hash
    siblings = [one for one in state.items_of(item.execution) if one is not item and one.seen_version is current]
    return version is current or (result_hash is not None and any(one.result_hash == result_hash for one in siblings))


def _end(item: Item, ending: Finish, now: datetime) -> None:
    """Where new results have come since the claim, the item is pending for them, whatever became of the old ones."""
    outdated = item.generation > (item.claimed_generation or 0)
    used_up = ending.counts and item.retries >= item.max_retries
    if ending.status != "pending" or used_up:
        item.processed_at = now
    if outdated:
        item.status, item.retries, item.run_after = "pending", 0, now
    else:
        item.status = "failed" if used_up else ending.status
        item.retries += ending.counts and not used_up
        item.run_after = item.run_after if ending.delay is None else now + timedelta(seconds=ending.delay)
    item.code = item.message = item.remedy = None
    if error := ending.error:
        item.says(error.code, (f"{error.happened}.", error.meanwhile if item.status == "pending" else error.remedy))
    item.updated_at = now
    item.to_be_removed = item.to_be_removed and ending.outcome != "completed"
    if ending.loaded:
        item.table, item.rows = ending.loaded.table_name, ending.loaded.row_count
    # A failure is of the results that its attempt has read, or of none.
    if item.status == "failed" or ending.attempt.result_hash is not None:
        item.result_hash = ending.attempt.result_hash
    item.seen_version = item.token = item.worker = item.claimed_generation = item.claimed_at = None


def _forget(item: Item) -> None:
    """That it was loaded. With new results since the claim it is looked at once more."""
    item.table = item.rows = item.result_hash = item.seen_version = None
    item.to_be_removed = item.to_be_removed and item.status == "pending"


def _record(state: State, item: Item, ending: Finish) -> None:
    """One attempt for a claim that was ended."""
    failed = ending.outcome == "retry" and item.status == "failed"
    state.record(item, ending.claim.claim_token, "failed" if failed else ending.outcome)


def _refuse(state: State, item: Item, ending: Finish, answers: dict[UUID, str], now: datetime) -> None:
    """What was ended before is answered once more; what was lost, after a load was sent, is done again."""
    assert item.id
    if state.settled(item.id, ending.claim.claim_token):
        answers[item.id] = item.status
        return
    state.record(item, ending.claim.claim_token, "refused")
    if ending.attempt.load_sent:
        item.generation += 1
        item.to_be_removed = item.to_be_removed or item.table is None
        item.status = "processing" if item.status == "processing" else "pending"
        item.run_after = item.updated_at = now


def lost(
    state: State, lease: timedelta, asking: int | None, held: Sequence[int], limit: int, now: datetime
) -> list[Item]:
    """Whose claims are to be rescued: of dead workers, and what the one who asks does not hold."""
    found = []
    for item in sorted(state.items, key=lambda item: item.id or UUID(int=0)):
        if item.status == "processing" and item.worker and item.claimed_at:
            unheld = item.worker == asking and item.token not in held and item.claimed_at <= now - UNHELD
            if unheld or not state.workers[item.worker].is_alive(now, lease):
                found.append(item)
    return found[:limit]


def rescued(state: State, item: Item, now: datetime, seen: Seen) -> Finish:
    """The end of a claim whose worker does not end it: it counts as a retry, and the wait is of a random length."""
    assert item.id
    assert item.token
    assert item.destination
    row = seen.items[item.key]
    delay, longest = row.run_after - now, timedelta(seconds=min(300.0, 2.0 * 2**item.retries))
    assert timedelta(0) <= delay <= longest, f"a wait of {delay}, of at most {longest}"
    claim = Claim(
        item.id,
        item.token,
        item.worker,
        item.execution.id,
        item.destination.id,
        item.generation,
        item.retries,
        item.max_retries,
    )
    return endings.rescued(claim, delay=delay.total_seconds())
