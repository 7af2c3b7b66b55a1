"""The application of the random run: users with all kinds of destinations, and executions of all kinds."""

import random
from dataclasses import dataclass, field

from tests.chaos.application import Owner
from tests.chaos.results import TYPES, bad_result, result
from tests.chaos.world import World

# Share of all executions, layouts of the destinations, workflows.
KINDS = (
    (0.80, ("per_workflow",), 12),
    (0.08, ("per_workflow", "per_execution"), 2),
    (0.08, ("per_execution",), 1),
    (0.04, ("per_execution", "per_execution"), 1),
)
CUSTOM, BAD, AGAIN, NEW_COLUMN = 0.15, 0.01, 0.1, 0.3


@dataclass
class Crowd:
    """Completes executions, one after the other, the same ones for the same seed."""

    world: World
    seed: int
    written: int = 0
    _good: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._owners = [self.world.application.add_owner(layouts, workflows) for _, layouts, workflows in KINDS]

    def complete_one(self) -> None:
        """A new execution, and now and then another result of one that may be being loaded just now."""
        chance = self._chance
        owner: Owner = chance.choices(self._owners, [share for share, *_ in KINDS])[0]
        workflow = chance.randrange(len(owner.workflows))
        self.written += 1
        if chance.random() < BAD:
            bad = self.world.application.complete(owner, bad_result(), workflow=workflow)
            self.world.doomed[bad] = "value_does_not_fit"
            return
        table = "All reports" if len(owner.workflows) == 1 and chance.random() < CUSTOM else None
        names = tuple(TYPES) if chance.random() < NEW_COLUMN else tuple(TYPES)[:5]
        rows = chance.choice([0, 1, 3, 10, chance.randrange(200)])
        execution = self.world.application.complete(
            owner, result(chance, rows, names=names), workflow=workflow, table=table
        )
        self._good.append(execution)
        if chance.random() < AGAIN:
            again = chance.choice(self._good[-50:])
            self.world.application.complete_again(again, result(chance, rows // 2))
