"""Events: what workers do, living, frozen and dead."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from hypothesis import strategies as st

from sync import destinations, queue
from sync.destinations.breaker import note_login
from sync.errors import CATALOGUE, failure
from sync.queue import Claim, Finish, ToRemove
from tests.queue.machine import breaker, claims, rules
from tests.queue.machine import endings as model
from tests.queue.machine.application import any_one
from tests.queue.machine.base import LEASE, Base, Hand, Held, pick
from tests.queue.machine.events import event
from tests.queue.machine.seen import Seen
from tests.queue.machine.state import Destination
from tests.queue.machine.ways import ending_of, ways

REFUSALS = frozenset(code for code, entry in CATALOGUE.items() if entry.refuses)
# Within a lease and past it, past a backoff, a pause, and anything.
TIMES = (1, 8, 8, 20, 31, 40, 40, 61, 200, 700, 40_000)


class Workers(Base):
    """Two worker processes, which claim, load, and end claims, as `sync.worker.attempt` does."""

    def claim_for(self, hand: Hand, limit: int, batch: int) -> list[Held]:
        def expected(answer: list[Claim], _: Seen) -> list[Claim]:
            claims.claim(self.state, hand.id, limit, batch, LEASE, self.now, answer)
            return answer

        claimed = self.step(
            lambda: queue.claim(
                hand.id, limit, batch=batch, lease_seconds=LEASE.total_seconds(), line=hand.line, now=self.now
            ),
            expected,
        )
        held = [Held(claim) for claim in claimed]
        for one in held:
            self.read(one)
        return held

    def read(self, held: Held) -> None:
        """Takes down the results, as the load would."""
        execution = self.state.executions[held.claim.execution_id]
        held.results, held.version = execution.results, execution.version
        held.result_hash = self.state.hashes[execution.results]
        held.completed = execution.status == "completed"
        held.excluded = self._excluded(held.claim)

    def _excluded(self, claim: Claim) -> str | None:
        """What the rules say of it."""
        destination = self._destination(claim)
        if destination is None or not destination.rules_version:
            return None
        said = queue.excluded_now(destination.id, destination.rules_version, [claim.execution_id])
        workflow = self.state.executions[claim.execution_id].workflow
        expected = {claim.execution_id: rules.said(workflow)} if workflow in destination.left_out else {}
        assert said == expected
        return said.get(claim.execution_id)

    def _destination(self, claim: Claim) -> Destination | None:
        return next((d for d in self.state.destinations if d.id == claim.configuration_id), None)

    @event(6, which=any_one, claim=any_one, way=ways, again=st.booleans(), sent=st.booleans(), had_read=st.booleans())
    def claim_ends(self, which: int, claim: int, way: str, again: bool, sent: bool, had_read: bool) -> None:
        holding = [hand for hand in self.awake if hand.held]
        if not holding:
            return
        hand = pick(holding, which)
        held = pick(hand.held, claim)
        if again and held.claim.execution_id in self.state.executions:
            self.read(held)
        self.end_for(hand, held, way, sent=sent, had_read=had_read)

    def end_for(self, hand: Hand, held: Held, way: str, *, sent: bool, had_read: bool) -> None:
        hand.held.remove(held)
        self.end([held], [way], sent=sent, had_read=had_read)
        hand.ended = [held, *hand.ended][:3]

    @event(3, which=any_one, ways=st.lists(ways, min_size=2, max_size=3), sent=st.booleans())
    def claims_end_together(self, which: int, ways: list[str], sent: bool) -> None:
        holding = [hand for hand in self.awake if len(hand.held) > 1]
        if not holding:
            return
        hand = pick(holding, which)
        # Of an item that it lost and was given again, one claim.
        ended = list({held.claim.item_id: held for held in hand.held}.values())[: len(ways)]
        hand.held = [held for held in hand.held if held not in ended]
        self.end(ended, ways[: len(ended)], sent=sent, had_read=True)
        hand.ended = [*ended, *hand.ended][:3]

    @event(2, which=any_one, claim=any_one)
    def end_is_sent_again(self, which: int, claim: int) -> None:
        """Its answer was lost."""
        ended = [held for hand in self.awake for held in hand.ended]
        if ended and (ending := pick(ended, which + claim).ending):
            self.finish([pick(ended, which + claim)], [ending])

    def end(self, held: Sequence[Held], ways: Sequence[str], *, sent: bool, had_read: bool) -> None:
        ended = [
            self._left_out(one, way, sent=sent) if one.excluded else ending_of(one, way, sent=sent, had_read=had_read)
            for one, way in zip(held, ways, strict=True)
        ]
        for one, ending in zip(held, ended, strict=True):
            one.ending = ending
            if ending.outcome == "paused" and ending.error:
                self.pause(one.claim, ending.error.code)
            if ending.attempt.load_sent:
                self._load(one)
        self.finish(held, ended)
        for one in held:
            self._conclude(one)
            if one.claim.batch_key:
                queue.rejoin(one.claim.configuration_id)

    def _left_out(self, held: Held, way: str, *, sent: bool) -> Finish:
        """As the pipeline does with what is excluded: it takes out what is there, or may be, and loads nothing."""
        item, destination = self.state.item(held.claim.item_id), self._destination(held.claim)
        found = queue.to_remove([held.claim])
        expected = []
        if item and rules.may_be_there(item):
            schema = "S" if item.table else None
            expected = [ToRemove(item.execution.id, schema, item.table, item.rows, item.to_be_removed)]
        assert found == expected
        is_there = destination is not None and held.claim.execution_id in destination.content
        if way == "complete":
            way = "take_out" if found and (found[0].is_asked or is_there) else "leave_out"
        return ending_of(held, way, sent=sent and bool(found) and way != "leave_out", had_read=False)

    def _load(self, held: Held) -> None:
        """The results arrive in Snowflake, or are gone from there, whoever may have loaded others meanwhile."""
        destination = self._destination(held.claim)
        if destination and held.excluded:
            destination.content.pop(held.claim.execution_id, None)
        elif destination:
            destination.content[held.claim.execution_id] = held.results

    def _conclude(self, held: Held) -> None:
        """What it says of a destination that was on trial."""
        id_, ending = held.claim.configuration_id, held.ending
        did = ending is not None and (
            ending.outcome == "completed" or (ending.outcome == "removed" and ending.attempt.statements > 0)
        )
        if did:
            self._about(id_, lambda: note_login(id_, now=self.now), lambda d: setattr(d, "logged_in", True))
        if held.claim.on_trial and did:
            self._about(id_, lambda: destinations.resume_destination(id_), breaker.resume)
        elif held.claim.on_trial:
            self._about(id_, lambda: destinations.end_trial(id_), lambda d: setattr(d, "trial_until", None))

    def _about(self, id_: object, call: Callable[[], None], expected: Callable[..., object]) -> None:
        self.do(call, lambda: [expected(d) for d in self.state.destinations if d.id == id_])

    def pause(self, claim: Claim, code: str) -> None:
        error = failure(code, "it said no")
        self._about(
            claim.configuration_id,
            lambda: destinations.pause_destination(claim.configuration_id, error, now=self.now),
            lambda d: breaker.pause(d, code, error.entry.pause, REFUSALS, self.now),
        )

    def finish(self, held: Sequence[Held], ended: Sequence[Finish]) -> list[str | None]:
        versions = {
            one.claim.claim_token: one.version if ending.attempt.source_version else None
            for one, ending in zip(held, ended, strict=True)
        }
        return self.step(
            lambda: queue.finish(ended, now=self.now),
            lambda _, seen: model.finish(self.state, ended, versions, self.now, seen),
        )

    @event(
        2, which=any_one, what=st.sampled_from(["freezes", "wakes", "wakes", "dies", "signs off"]), sent=st.booleans()
    )
    def worker_fails(self, which: int, what: str, sent: bool) -> None:
        """A frozen one may wake; in the place of one that ended comes another. One may die once it has loaded."""
        hand = pick(self.hands, which)
        if what in ("freezes", "wakes"):
            hand.frozen = what == "freezes"
            return
        if what == "signs off":
            self.do(
                lambda: queue.sign_off(hand.id, now=self.now),
                lambda: setattr(self.state.workers[hand.id], "stopped", True),
            )
        for held in hand.held:
            item = self.state.item(held.claim.item_id)
            if sent and item and item.token == held.claim.claim_token and not held.excluded:
                self._load(held)
        self.hands[self.hands.index(hand)] = self.hire()

    def beat(self, hand: Hand) -> bool:
        def expected() -> bool:
            worker = self.state.workers[hand.id]
            alive = worker.is_alive(self.now, LEASE)
            if alive:
                worker.heartbeat_at = self.now
            return alive

        return self.step(
            lambda: queue.heartbeat(
                hand.id, in_flight=len(hand.held), lease_seconds=LEASE.total_seconds(), now=self.now
            ),
            lambda *_: expected(),
        )

    @event(6, seconds=st.sampled_from(TIMES), beats=st.booleans(), rescuer=st.none() | any_one)
    def time_passes(self, seconds: int, beats: bool, rescuer: int | None) -> None:
        """Whoever is awake beats, or is late; through the long times all sleep. Then somebody may look around."""
        beats = beats and seconds < 300
        while seconds:
            stride = min(seconds, 50) if beats else seconds
            seconds -= stride
            self.now += timedelta(seconds=stride)
            for hand in self.awake if beats else ():
                self.beat(hand)
        if rescuer is not None:
            self.rescue_for(pick(self.hands, rescuer))

    def rescue_for(self, hand: Hand, limit: int = 500) -> int:
        tokens = [one.claim.claim_token for one in hand.held]

        def expected(seen: Seen) -> int:
            lost = model.lost(self.state, LEASE, hand.id, tokens, limit, self.now)
            ended = [model.rescued(self.state, item, self.now, seen) for item in lost]
            return len(model.finish(self.state, ended, {}, self.now, seen))

        return self.step(
            lambda: queue.rescue(
                lease_seconds=LEASE.total_seconds(), worker_id=hand.id, held=tokens, limit=limit, now=self.now
            ),
            lambda _, seen: expected(seen),
        )
