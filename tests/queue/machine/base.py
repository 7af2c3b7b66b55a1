"""The machine's ground: a transaction of its own, a clock, and steps that the model takes beside the database."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine

from sync import queue
from sync.errors import CATALOGUE
from sync.queue import Claim, Finish, Line
from tests.queue.machine import reality
from tests.queue.machine.seen import Seen
from tests.queue.machine.state import State, Version, Worker, Workflow

Answer = TypeVar("Answer")
Thing = TypeVar("Thing")

LEASE = timedelta(seconds=60)
# The results that the application writes; None: none yet.
RESULTS = (1, 2, 3)
USERS = (UUID(int=1), UUID(int=2))
# A step takes so long, so that no two things happen at the same moment.
TICK = timedelta(milliseconds=1)

_HASHES = """
SELECT jsonb_hash_extended(coalesce(rows, 'null'), jsonb_hash_extended(coalesce(columns, 'null'), 0))
FROM (VALUES (%s::jsonb, %s::jsonb)) AS result (rows, columns)
"""
_OWNERS = """
INSERT INTO users (id, email) VALUES (%(first)s, 'first@example.com'), (%(second)s, 'second@example.com');
INSERT INTO workflows (id, workflow_id, name, user_id) VALUES
    ('00000000-0000-0000-0000-000000000011', 'a', 'a', %(first)s),
    ('00000000-0000-0000-0000-000000000012', 'b', 'b', %(first)s),
    ('00000000-0000-0000-0000-000000000013', 'c', 'c', %(second)s),
    ('00000000-0000-0000-0000-000000000014', 'd', 'd', NULL)
"""


@dataclass(eq=False)
class Held:
    """A claim as its worker has it: with what it has read, and how it was ended, once it was."""

    claim: Claim
    results: int | None = None
    version: Version = field(default_factory=Version)
    result_hash: int | None = None
    completed: bool = False
    # What the rules said of it when it was read: which of them excludes it.
    excluded: str | None = None
    ending: Finish | None = None


@dataclass(eq=False)
class Hand:
    """A worker process. A frozen one does nothing, and believes to hold what it held when it wakes."""

    id: int
    frozen: bool = False
    line: Line = field(default_factory=Line)
    held: list[Held] = field(default_factory=list)
    ended: list[Held] = field(default_factory=list)


class Base(RuleBasedStateMachine):
    """One example. Its transactions are real ones, as the queue's are in a worker: what is written tells them apart."""

    def __init__(self) -> None:
        super().__init__()
        self._broken = True
        reality.clean()
        reality.run(_OWNERS, {"first": USERS[0], "second": USERS[1]})
        # Ahead of the database's clock, which the trigger goes by.
        self.now = reality.value("SELECT now()") + timedelta(hours=1)
        reasons = {code: (entry.meaning, entry.remedy) for code, entry in CATALOGUE.items()}
        hashes = {results: reality.value(_HASHES, list(as_json(results))) for results in (None, *RESULTS)}
        self.state = State(self.now, reasons, hashes)
        owners = (USERS[0], USERS[0], USERS[1], None)
        self.state.workflows = [
            Workflow(UUID(int=0x11 + n), owner, name)
            for n, (owner, name) in enumerate(zip(owners, "abcd", strict=True))
        ]
        self.hands = [self.hire(), self.hire()]
        self.numbers = 0
        self._broken = False

    def teardown(self) -> None:
        if not self._broken:
            self.drain()

    def drain(self) -> None:
        """What is left is worked off, honestly."""

    def step(self, call: Callable[[], Answer], model: Callable[[Answer, Seen], Answer]) -> Answer:
        """Does something in the database and in the model: both must answer the same, and become the same."""
        self.now += TICK
        broken, self._broken = self._broken, True
        answer = call()
        seen = reality.look(self.state)
        expected = model(answer, seen)
        reality.learn(self.state, seen)
        assert answer == expected, f"the answer was {answer!r}, not {expected!r}"
        reality.compare(self.state, seen)
        self._broken = broken
        return answer

    def do(self, call: Callable[[], Any], model: Callable[[], Any]) -> None:
        """A step that answers nothing."""
        self.step(lambda: _nothing(call()), lambda *_: _nothing(model()))

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def hire(self) -> Hand:
        """A new worker process."""
        worker_id = queue.register_worker("host", 1, 5, now=self.now)
        self.state.workers[worker_id] = Worker(worker_id, self.now)
        return Hand(worker_id)

    @property
    def awake(self) -> list[Hand]:
        return [hand for hand in self.hands if not hand.frozen]


def as_json(results: int | None) -> tuple[str | None, str | None]:
    """result_rows and result_columns."""
    if results is None:
        return None, None
    return json.dumps([{"n": results}]), json.dumps([{"name": "n", "type": "int"}])


def pick(things: list[Thing], number: int) -> Thing:
    return things[number % len(things)]


def _nothing(_: Any) -> None:
    return None
