"""An item's attempts, stage by stage: queued → claimed → staged → loaded → completed, with how long each took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from sync.models import SyncAttempt, SyncQueueItem
from sync.reporting import Trouble, duration, trouble
from sync.snowflake.setup import query_address
from sync.web.admin.formatting import badge, exact, number, size

# Attempts on an item's page, the last ones.
SHOWN = 20
# How the stages that the pipeline times are called when they are over.
_STAGES = {"extract": "staged", "load": "loaded"}
# Of an attempt that did not complete.
_TRIED = {**_STAGES, "load": "tried to load"}
WIDTH = 600


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of an attempt; `x` and `width` are its place in the bar, of WIDTH."""

    name: str
    at: datetime | None
    seconds: float | None
    x: float = 0.0
    width: float = 0.0

    @property
    def took(self) -> str:
        return "" if self.seconds is None else duration(self.seconds)

    @property
    def moment(self) -> str:
        return exact(self.at)


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt."""

    attempt: SyncAttempt
    number: int
    stages: Sequence[Stage]
    queries: Sequence[tuple[str, str | None]]
    trouble: Trouble | None

    @property
    def outcome(self) -> SafeString:
        return badge(self.attempt.outcome)

    @property
    def figures(self) -> list[tuple[str, str]]:
        """Rows, bytes, statements; of all that travelled together where several did."""
        attempt = self.attempt
        figures = [
            ("Rows", number(attempt.row_count)),
            ("Staged file", size(attempt.byte_count)),
            ("Statements", number(attempt.statement_count)),
        ]
        return figures + ([("Executions in the file", number(attempt.batch_size))] if attempt.batch_size > 1 else [])


def tries(item: SyncQueueItem) -> list[Try]:
    """The last attempts, the latest first, and when each was queued."""
    latest = list(item.attempts.select_related("configuration").order_by("-pk")[: SHOWN + 1])
    count = item.attempts.order_by().count() if len(latest) > SHOWN else len(latest)
    found = []
    for place, attempt in enumerate(latest[:SHOWN]):
        before = latest[place + 1] if place + 1 < len(latest) else None
        queued = before.finished_at if before else item.created_at
        found.append(_try(attempt, count - place, queued))
    return found


def try_of(attempt: SyncAttempt) -> Try:
    """An attempt by itself."""
    before = SyncAttempt.objects.filter(item=attempt.item_id, pk__lt=attempt.pk)
    last = before.order_by("-pk").first()
    return _try(attempt, before.order_by().count() + 1, last.finished_at if last else attempt.item.created_at)


def _try(attempt: SyncAttempt, place: int, queued: datetime) -> Try:
    return Try(
        attempt,
        place,
        _drawn([*_stages(attempt, queued)]),
        [*_queries(attempt)],
        trouble(attempt),
    )


def _stages(attempt: SyncAttempt, queued: datetime) -> Iterator[Stage]:
    yield Stage("queued", queued, None)
    at = attempt.started_at
    if at is None:
        yield Stage(attempt.outcome, attempt.finished_at, None)
        return
    yield Stage("claimed", at, max(0.0, (at - queued).total_seconds()))
    timings: dict[str, Any] = attempt.timings or {}
    words = _STAGES if attempt.outcome == "completed" else _TRIED
    # JSONB keeps no order of keys.
    for name, milliseconds in sorted(timings.items(), key=lambda timing: [*_STAGES, timing[0]].index(timing[0])):
        at += timedelta(milliseconds=float(milliseconds))
        yield Stage(words.get(name, name), at, float(milliseconds) / 1000)
    yield Stage(attempt.outcome, attempt.finished_at, max(0.0, (attempt.finished_at - at).total_seconds()))


def _drawn(stages: list[Stage]) -> list[Stage]:
    """With places in the bar for what the attempt itself took; waiting to be claimed would hide the rest."""
    total = sum(stage.seconds or 0.0 for stage in stages[2:])
    if not total:
        return stages
    x, drawn = 0.0, stages[:2]
    for stage in stages[2:]:
        width = WIDTH * (stage.seconds or 0.0) / total
        drawn.append(Stage(stage.name, stage.at, stage.seconds, round(x, 1), round(width, 1)))
        x += width
    return drawn


def _queries(attempt: SyncAttempt) -> Iterator[tuple[str, str | None]]:
    """Query ids, each with its page in Snowsight; without, where something else stands in for Snowflake."""
    account = attempt.configuration.account_identifier if attempt.configuration else ""
    for query_id in attempt.query_ids or ():
        yield query_id, None if settings.SNOWFLAKE_ENDPOINT else query_address(account, query_id)
