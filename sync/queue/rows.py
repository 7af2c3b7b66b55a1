"""What crosses the queue's boundary: frozen rows."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sync.errors import SyncError


@dataclass(frozen=True, slots=True)
class OpenLoad:
    """What may still put the rows of an item in place, although its worker has given it up: its end is waited for.

    `ends_by`: by then Snowflake has ended it, whoever can see it. Of a named transaction, whose end can be seen:
    `transaction` is its name; `user` is whose it is, by user and account: nobody else sees it there. The staged
    file lies in `directory` of the stage of this database and schema.
    """

    ends_by: datetime
    transaction: str = ""
    user: str = ""
    database: str = ""
    schema: str = ""
    directory: str = ""


def open_load(text: object) -> OpenLoad | None:
    """The open load as the queue's column has it; None: there is none."""
    if not isinstance(text, str):
        return None
    facts = json.loads(text)
    return OpenLoad(**facts | {"ends_by": datetime.fromisoformat(facts["ends_by"])})


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that a worker holds. The token is the fence: it is never re-used."""

    item_id: UUID
    claim_token: int
    worker_id: int | None
    execution_id: str
    configuration_id: UUID
    generation: int
    retry_count: int
    max_retries: int
    # When the item became due; None for one that is rescued.
    run_after: datetime | None = None
    # Items of a destination with the same batch key travel together.
    batch_key: str | None = None
    # The destination has not logged in since its last change, or was paused: this item tries whether it works.
    on_trial: bool = False
    # The version of its destination's settings at the claim; see migrations_sql/0008_destination_states.
    settings_version: int | None = None
    # Items that were claimed together with the same number travel together, on one thread.
    thread: int = 0
    # Somebody has asked for it to be taken out of Snowflake.
    is_to_be_removed: bool = False
    # What an earlier load of this item may still have under way in Snowflake.
    open_load: OpenLoad | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a try did, for its row in `snowflake_sync_attempts`. Times of stages are in milliseconds."""

    started_at: datetime | None = None
    timings: dict[str, float] = field(default_factory=dict)
    # The rows that were loaded, and, where a rule left some out, those of the result.
    rows: int | None = None
    source_rows: int | None = None
    bytes: int | None = None
    # Executions that travelled together: statements and query ids are those of all of them.
    batch_size: int = 1
    statements: int = 0
    query_ids: tuple[str, ...] = ()
    # The results that were read, whatever became of them: their hash, and the execution's xmin then.
    result_hash: int | None = None
    source_version: str | None = None
    # The version of the destination's rules that the try went by; None: it did not come to them.
    rules_version: int | None = None
    # New columns that a rule left out.
    dropped_columns: tuple[str, ...] = ()
    # A load statement was sent: if the finish is refused, the load may have come late and is repeated.
    load_sent: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a result went.

    What the application asked for is kept apart from the names that are written back to the execution.
    """

    schema_name: str
    table_name: str
    row_count: int
    requested_schema: str | None = None
    requested_table: str | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """What is in Snowflake no more, as far as it was, and why."""

    because: SyncError


@dataclass(frozen=True, slots=True)
class Finish:
    """How a claim ends. `outcome` names it in the attempt; `status` is what the item becomes."""

    claim: Claim
    outcome: str
    status: str
    attempt: Attempt = field(default_factory=Attempt)
    counts: bool = False  # against max_retries
    delay: float | None = None  # seconds until it may be claimed again
    error: SyncError | None = None
    loaded: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """What a call of route() did: rows looked at, the executions that were skipped, and when the first was due.

    `first_due` is of what had arrived in the inbox, `again_due` of items that were pending again.
    """

    items: int
    skipped: tuple[str, ...]
    first_due: datetime | None = None
    again_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: executions looked at, queued because they had no item or had changed, items removed."""

    seen: int = 0
    missing: int = 0
    changed: int = 0
    orphans: int = 0
