"""What the model knows: rows as the queue promises to keep them, and what stands in Snowflake."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

OPEN = ("pending", "processing")
# A moment of the database's own clock, to be learned.
BY_TRIGGER = datetime.min.replace(tzinfo=UTC)
# Outcomes of attempts that ended nothing, or that may be followed by the real end.
UNSETTLED = ("refused", "rescued", "released")


class Version:
    """One state of an execution's row; its xmin is learned when the row is seen."""

    def __init__(self) -> None:
        self.xmin: str | None = None


@dataclass(eq=False)
class Workflow:
    id: UUID
    owner: UUID | None
    # By which rules know it.
    name: str


@dataclass(eq=False)
class Destination:
    id: UUID
    user: UUID
    created: int
    active: bool = True
    shares: bool = False
    min_interval: timedelta = timedelta(0)
    open: bool = False
    until: datetime | None = None
    code: str | None = None
    failures: int = 0
    logged_in: bool = True
    trial_until: datetime | None = None
    window_opened_at: datetime | None = None
    # The workflows that its rules leave out, and how often these were changed.
    left_out: tuple[Workflow, ...] = ()
    rules_version: int = 0
    # Which results stand in Snowflake, by execution: what was loaded last.
    content: dict[str, int | None] = field(default_factory=dict)

    @property
    def on_trial(self) -> bool:
        return self.open or not self.logged_in

    def excludes(self, execution: "Execution") -> bool:
        return execution.workflow in self.left_out


@dataclass(eq=False)
class Execution:
    id: str
    workflow: Workflow
    status: str
    results: int | None
    version: Version = field(default_factory=Version)
    # The snowflake_* columns.
    told: str | None = None
    message: str | None = None
    table: str | None = None
    uploaded_at: datetime | None = None
    rows: int | None = None

    @property
    def is_uploaded(self) -> bool:
        """Whether its columns say that it is in Snowflake, and where, and since when."""
        return self.told == "completed" and self.table is not None and self.uploaded_at is not None


@dataclass(eq=False)
class Item:
    execution: Execution
    user: UUID | None
    run_after: datetime
    updated_at: datetime
    id: UUID | None = None
    destination: Destination | None = None
    batch_key: str | None = None
    status: str = "pending"
    retries: int = 0
    max_retries: int = 3
    generation: int = 1
    claimed_generation: int | None = None
    claimed_at: datetime | None = None
    token: int | None = None
    worker: int | None = None
    code: str | None = None
    message: str | None = None
    remedy: str | None = None
    processed_at: datetime | None = None
    table: str | None = None
    rows: int | None = None
    result_hash: int | None = None
    seen_version: Version | None = None
    to_be_removed: bool = False
    # Of its latest attempt.
    last_outcome: str | None = None

    def says(self, code: str, reason: tuple[str, str]) -> None:
        self.code, (self.message, self.remedy) = code, reason

    @property
    def told(self) -> str | None:
        """What its execution says of it."""
        return f"{self.message} {self.remedy}" if self.message else None

    @property
    def key(self) -> tuple[str, UUID | None]:
        """Its execution, and its destination, if it has one."""
        return self.execution.id, self.destination.id if self.destination else None

    @property
    def order(self) -> tuple[datetime, UUID]:
        """Claimed and routed in this order."""
        assert self.id is not None
        return self.run_after, self.id


@dataclass(eq=False)
class News:
    """A row of the inbox."""

    execution: Execution
    user: UUID | None
    run_after: datetime
    arrival: int = 0
    id: UUID | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        return self.run_after, self.arrival


@dataclass(eq=False)
class Worker:
    id: int
    heartbeat_at: datetime
    stopped: bool = False

    def is_alive(self, now: datetime, lease: timedelta) -> bool:
        return not self.stopped and self.heartbeat_at > now - lease


@dataclass
class State:
    """All of it."""

    began: datetime
    # By code: what happened, and what to do.
    reasons: dict[str, tuple[str, str]]
    # The hash of each result that the application writes.
    hashes: dict[int | None, int]
    workflows: list[Workflow] = field(default_factory=list)
    destinations: list[Destination] = field(default_factory=list)
    executions: dict[str, Execution] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    # In the order in which they arrived.
    inbox: list[News] = field(default_factory=list)
    workers: dict[int, Worker] = field(default_factory=dict)
    # (item, token, outcome): how often.
    attempts: Counter[tuple[UUID, int, str]] = field(default_factory=Counter)
    last_token: int = 0
    # Steps taken: ids of new items are made of it.
    names: int = 0
    swept_at: datetime | None = None
    # Somebody removed the turns, and no sweep has made them again.
    turns_lost: bool = False
    # Users that had something at the last claim, and got nothing.
    passed_over: set[UUID] = field(default_factory=set)
    position: str = ""

    def item(self, item_id: UUID) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def find(self, execution: Execution, destination: Destination | None) -> Item | None:
        return next((i for i in self.items if i.execution is execution and i.destination is destination), None)

    def items_of(self, execution: Execution) -> list[Item]:
        return [item for item in self.items if item.execution is execution]

    def news_of(self, execution: Execution) -> list[News]:
        return [news for news in self.inbox if news.execution is execution]

    def destinations_of(self, user: UUID | None) -> list[Destination]:
        """Oldest first."""
        return sorted((d for d in self.destinations if d.user == user), key=lambda d: d.created)

    def waiting(self, destination: Destination | None, until: datetime) -> list[Item]:
        """What is due, in order."""
        due = (i for i in self.items if i.destination is destination and i.status == "pending")
        return sorted((item for item in due if item.run_after <= until), key=lambda item: item.order)

    def settled(self, item_id: UUID, token: int) -> bool:
        """Whether this claim has been ended for good."""
        return any(key[:2] == (item_id, token) and key[2] not in UNSETTLED for key in self.attempts)

    def record(self, item: Item, token: int, outcome: str) -> None:
        """An attempt."""
        assert item.id
        self.attempts[item.id, token, outcome] += 1
        item.last_outcome = outcome

    def forget(self, items: Iterator[Item]) -> None:
        """Items go, and their attempts with them."""
        gone = list(items)
        ids = {item.id for item in gone}
        self.items = [item for item in self.items if item not in gone]
        self.attempts = Counter({key: n for key, n in self.attempts.items() if key[0] not in ids})
