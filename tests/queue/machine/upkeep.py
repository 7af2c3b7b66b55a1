"""Events: routing, following destinations, sweeping, and what is done by hand; and the drain at the end."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from sync import queue
from sync.queue import Change, Routed, Swept
from tests.queue.machine import model, reality, routing, rules
from tests.queue.machine.application import Application, any_one, seldom
from tests.queue.machine.base import Hand, Held, pick
from tests.queue.machine.by_rules import Rules
from tests.queue.machine.events import Event, event, events_of
from tests.queue.machine.seen import Seen
from tests.queue.machine.state import OPEN, Destination, Execution, Item
from tests.queue.machine.ways import ways
from tests.queue.machine.workers import Workers

# Longer than any pause, lease or window.
LONG = timedelta(hours=10)
ROUNDS = 12


class Queue(Application, Rules, Workers):
    """All events together."""

    @event(
        8,
        which=any_one,
        limit=st.integers(1, 4),
        batch=st.integers(1, 3),
        answer_lost=seldom,
        then=st.lists(ways, max_size=2),
        max_retries=st.sampled_from([1, 1, 3]),
    )
    def worker_works(
        self, which: int, limit: int, batch: int, answer_lost: bool, then: list[str], max_retries: int
    ) -> None:
        """One look at the queue; what was claimed is ended, or some of it. The answer may not arrive.

        Who has lost its lease registers again, or forgets to.
        """
        if not self.awake:
            return
        hand = pick(self.awake, which)
        if not self.beat(hand) and not answer_lost:
            hand.id = self.hire().id
        self.route(500, max_retries)
        claimed = self.claim_for(hand, limit, batch)
        if answer_lost:
            return
        hand.held += claimed
        for held, way in zip(claimed, then, strict=False):
            self.end_for(hand, held, way, sent=False, had_read=True)

    @event(5, what=st.sampled_from(["rescue", "route", "follow", "sweep"]), which=any_one, few=seldom)
    def queue_is_kept(self, what: str, which: int, few: bool) -> None:
        """What a worker does besides; with a limit, or not."""
        match what:
            case "rescue":
                self.rescue_for(pick(self.hands, which), 1 if few else 500)
            case "route":
                self.route(1 if few else 500, 1)
            case "follow":
                self.follow(2 if few else 500)
            case "sweep":
                self.sweep(120, 2 if few else 5000)

    @event(1, all_of_them=st.booleans())
    def turns_are_lost(self, all_of_them: bool) -> None:
        """Nothing is lost with them: the sweep makes them again."""
        which = "" if all_of_them else " WHERE turn IS NULL"
        self.do(
            lambda: reality.run(f"DELETE FROM snowflake_sync_turns{which}"),
            lambda: setattr(self.state, "turns_lost", True),
        )

    def route(self, limit: int, max_retries: int) -> int:
        def expected(answer: Routed, seen: Seen) -> Routed:
            items, skipped, first_due, again_due = routing.route(self.state, limit, max_retries, self.now, seen)
            assert set(answer.skipped) == skipped
            return Routed(items, answer.skipped, first_due, again_due)

        return self.step(lambda: queue.route(limit, max_retries=max_retries, now=self.now), expected).items

    def follow(self, limit: int) -> int:
        """As often as it says."""
        total = 0
        while True:
            followed = self.step(
                lambda: queue.follow_destinations(limit, now=self.now),
                lambda _, seen: model.follow(self.state, limit, self.now, seen),
            )
            total += sum(followed)
            if max(followed) < limit:
                left = [one for one in self.state.items if model.comes_back(self.state, one) or model.goes(one)]
                assert not left, f"{len(left)} items are left behind, and nobody calls again"
                return total

    @event(3, which=any_one, what=st.sampled_from(["retry", "retry", "enqueue", "enqueue", "skip"]))
    def somebody_asks_for_it(self, which: int, what: str) -> None:
        """An execution's items are tried again, or skipped; or it is queued, whatever its items are."""
        if not self.state.executions:
            return
        execution = pick(list(self.state.executions.values()), which)
        ids = [item.id for item in self.state.items_of(execution) if item.id]
        ids += [news.id for news in self.state.news_of(execution) if news.id]
        match what:
            case "retry":
                self.retry(ids)
            case "skip":
                self.skip(ids)
            case "enqueue":
                self.enqueue(execution)

    def retry(self, ids: list[UUID]) -> None:
        self.step(
            lambda: set(queue.change_items(Change.RETRY, ids, now=self.now).items),
            lambda _, seen: model.retry(self.state, ids, self.now, seen),
        )

    def skip(self, ids: list[UUID]) -> None:
        self.step(
            lambda: len(queue.change_items(Change.SKIP, ids, now=self.now).items),
            lambda _, seen: model.skip(self.state, ids, self.now, seen),
        )

    def enqueue(self, execution: Execution) -> None:
        def expected() -> list[str]:
            if execution.status != "completed" or execution.workflow.owner is None:
                return []
            model.queue_execution(self.state, execution, run_after=self.now)
            return [execution.id]

        self.step(lambda: queue.enqueue([execution.id], now=self.now), lambda *_: expected())

    def sweep(self, interval: int, page: int) -> Swept | None:
        whole = page > 2

        def expected(seen: Seen) -> Swept | None:
            swept_at = self.state.swept_at
            if swept_at and swept_at > self.now - timedelta(seconds=interval):
                return None
            self.state.swept_at = self.now
            self.state.turns_lost = False
            return Swept(*model.sweep(self.state, page, self.now, seen, whole=whole))

        return self.step(
            lambda: queue.sweep(interval=interval, seconds=60 if whole else 0, page=page, now=self.now),
            lambda _, seen: expected(seen),
        )

    def drain(self) -> None:
        """Who is still there comes to an end; then one honest worker does what is left."""
        for hand in self.hands:
            for held in hand.held:
                self.end([held], ["complete"], sent=True, had_read=True)
        hand = self.hire()
        for _ in range(ROUNDS):
            if not self._one_round(hand):
                break
        else:
            raise AssertionError("there is no end to it")
        self._check_ends()

    def _one_round(self, hand: Hand) -> bool:
        """Whether there was anything to do."""
        self.now += LONG
        hand.id, hand.held = self.hire().id, []
        for destination in self.state.destinations:
            if destination.open and destination.until is None:
                self.change(destination)
        found = self._sweep_all()
        busy = found + self.rescue_for(hand) + self.follow(500) + self.route(500, 3)
        busy += sum(self.go_by_the_rules(one, "both") for one in self.state.destinations)
        while claimed := self.claim_for(hand, 3, 2):
            busy += len(claimed)
            for held in claimed:
                way = "complete" if held.excluded or self._is_wanted(held) else "fail"
                self.end([held], [way], sent=False, had_read=True)
        return busy > 0

    def _sweep_all(self) -> int:
        """What was missing or had changed: from where the last sweep stopped, and from the start."""
        swept = [self.sweep(0, 5000), self.sweep(0, 5000)]
        return sum(one.missing + one.changed for one in swept if one)

    def _check_ends(self) -> None:
        for item in self.state.items:
            where = f"item of {item.execution.id} for {item.destination and item.destination.id}"
            assert item.status not in OPEN, f"{where} is {item.status} for ever"
            if item.destination and item.status == "completed" and self._gets_news(item):
                loaded, results = item.destination.content[item.execution.id], item.execution.results
                assert loaded == results, f"{where}: {loaded} was loaded, not {results}"
            if item.destination and item.destination.active and item.user == item.destination.user:
                self._check_rules(item, item.destination, where)
            stale = item.code == "not_completed" and self._gets_news(item)
            assert not stale, f"{where} failed since the execution ran again, which has long completed"
        for execution in self.state.executions.values():
            if execution.status == "completed" and not execution.is_uploaded:
                assert self.state.items_of(execution), f"{execution.id} was forgotten"
            if self.state.items_of(execution) and not self.state.find(execution, None):
                told, summary = execution.told, model.summary(self.state.items_of(execution))
                # It goes on saying that it was loaded, where the destination is gone.
                assert told == summary or (told, summary) == ("completed", "skipped"), f"{execution.id} says {told}"

    def _check_rules(self, item: Item, destination: Destination, where: str) -> None:
        """What is excluded is taken out, and what was, and is not, has come back."""
        out = destination.excludes(item.execution)
        assert not out or item.status != "completed", f"{where} is loaded, and excluded"
        if rules.is_excluded(item):
            assert item.execution.id not in destination.content, f"{where} is excluded, and in Snowflake"
            taken = item.execution.workflow.owner == destination.user and item.execution.status == "completed"
            assert out or not taken, f"{where} is left out, and nothing excludes it"

    def _is_wanted(self, held: Held) -> bool:
        """As the pipeline judges: what is another's by now is not loaded."""
        item = self.state.item(held.claim.item_id)
        return bool(item and item.destination and item.destination.user == item.execution.workflow.owner)

    def _gets_news(self, item: Item) -> bool:
        """Whether news of the execution has come to this destination: not where it is off, another's, or nobody's."""
        execution, destination = item.execution, item.destination
        if not destination or not destination.active or destination.user != execution.workflow.owner:
            return False
        return execution.status == "completed" and not self.state.find(execution, None)


class Machine(Queue):
    """The queue, and what happens to it."""

    @rule(event=events_of(Queue))
    def happens(self, event: Event) -> None:
        getattr(self, event.name)(**event.arguments)
