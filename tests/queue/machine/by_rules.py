"""Events: rules change, what they exclude is taken out of Snowflake, and what they let in again comes back."""

import json
from collections.abc import Callable

from hypothesis import strategies as st

from sync import queue
from sync.queue import Excluded, Returning
from tests.queue.machine import reality, rules
from tests.queue.machine.application import any_one
from tests.queue.machine.base import Base, pick
from tests.queue.machine.events import event
from tests.queue.machine.model import tell
from tests.queue.machine.seen import Seen
from tests.queue.machine.state import Destination, Item

# Most executions are of the first workflow.
some = st.sampled_from([(), (), (0,), (0,), (0, 1), (1, 2)])
acts = st.sampled_from(["take out", "bring back", "both", "nothing"])

_VERSION = "INSERT INTO snowflake_sync_rule_versions (configuration_id, version, rules) VALUES (%s, %s, %s)"


class Rules(Base):
    """Rules that leave out workflows of a destination."""

    @event(6, which=any_one, left_out=some, then=acts)
    def rules_change(self, which: int, left_out: tuple[int, ...], then: str) -> None:
        """And what was loaded, or left out, by the earlier ones may follow them."""
        if not self.state.destinations:
            return
        destination = pick(self.state.destinations, which)
        out = tuple(self.state.workflows[number] for number in left_out)
        documents = [
            {"name": f"not {one.name}", "kind": "scope", "action": "exclude", "workflow": one.name} for one in out
        ]

        def expected() -> None:
            destination.left_out = out
            destination.rules_version += 1

        params = [destination.id, destination.rules_version + 1, json.dumps(documents)]
        self.do(lambda: reality.run(_VERSION, params), expected)
        self.go_by_the_rules(destination, then)

    @event(3, what=acts)
    def somebody_goes_by_the_rules(self, what: str) -> None:
        for destination in self.state.destinations:
            self.go_by_the_rules(destination, what)

    def go_by_the_rules(self, destination: Destination, what: str) -> int:
        """Takes out what they exclude, and brings back what they do not; how much that is."""
        taken_out = self.take_out(destination) if what in ("take out", "both") else 0
        return taken_out + (self.bring_back(destination) if what in ("bring back", "both") else 0)

    def take_out(self, destination: Destination) -> int:
        """Asks for what is in Snowflake and excluded; how much that is."""

        def ask() -> int:
            what = Excluded(destination.id, destination.user, destination.rules_version, self.now)
            found = queue.excluded_page(what, None, size=500)
            asked, held = queue.ask_removal(what, found.executions, now=self.now)
            assert not held
            return len(asked)

        def is_meant(item: Item) -> bool:
            return rules.is_known_there(item) and destination.excludes(item.execution)

        return self._again(destination, ask, is_meant, removes=True)

    def bring_back(self, destination: Destination) -> int:
        """What was excluded, and is not any more; how much that is."""

        def bring() -> int:
            what = Returning(destination.id, destination.user, self.now)
            page = queue.return_page(what, size=500, limit=500, now=self.now)
            assert not page.held
            return page.found

        def is_meant(item: Item) -> bool:
            execution = item.execution
            taken = destination.active and execution.workflow.owner == destination.user
            is_let_in = execution.status == "completed" and not destination.excludes(execution)
            return rules.is_excluded(item) and taken and is_let_in

        return self._again(destination, bring, is_meant, removes=False)

    def _again(
        self, destination: Destination, call: Callable[[], int], is_meant: Callable[[Item], bool], *, removes: bool
    ) -> int:
        def expected(seen: Seen) -> int:
            ours = (i for i in self.state.items if i.destination is destination and i.user == destination.user)
            items = [item for item in ours if is_meant(item)]
            for item in items:
                rules.again(item, self.now)
                item.to_be_removed = item.to_be_removed or removes
            tell(self.state, (item.execution for item in items), seen)
            return len(items)

        return self.step(call, lambda _, seen: expected(seen))
