"""An attempt, stage by stage: when each ended, how long it took, and where it stands in a bar."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt
from sync.reporting import ItemError, error_of
from sync.snowflake.session import query_address
from sync.web.console.gone_by import GoneBy

WIDTH = 600
# The stages of an attempt, in their order; earlier versions timed `connect` by itself. In the rest of an
# attempt's time others that travel with it were loaded, and how it ended was written down.
_STAGES = {
    "extract": "read from PostgreSQL",
    "connect": "logged in",
    "load": "loaded into Snowflake",
    "remove": "taken out of Snowflake",
    "rest": "waited in between, and wrote down the end",
}
# Of an attempt that did not come to its end.
_TRIED = {**_STAGES, "load": "tried to load into Snowflake", "remove": "tried to take out of Snowflake"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of an attempt, with its place in a bar of WIDTH."""

    name: str
    words: str
    ended_at: datetime
    seconds: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt: how long its item waited to be claimed, how long each stage took, and how it ended."""

    attempt: SyncAttempt
    waited: float | None
    took: float | None
    stages: tuple[Stage, ...]
    queries: tuple[tuple[str, str | None], ...]
    error: ItemError | None
    rules: GoneBy | None


def tried(attempt: SyncAttempt, destination: SnowflakeConfiguration | None, rules: Mapping[int, GoneBy]) -> Try:
    """The attempt at this destination as pages show it. `rules`: what `gone_by` says of its item."""
    return Try(
        attempt,
        _seconds(attempt.due_at, attempt.started_at),
        _seconds(attempt.started_at, attempt.finished_at),
        tuple(_stages(attempt)),
        tuple(_queries(attempt, destination)),
        error_of(attempt),
        None if attempt.rules_version is None else rules.get(attempt.rules_version),
    )


def _stages(attempt: SyncAttempt) -> Iterator[Stage]:
    timings = {name: float(ms) / 1000 for name, ms in (attempt.timings or {}).items()}
    at, took = attempt.started_at, _seconds(attempt.started_at, attempt.finished_at)
    if at is None or took is None or not timings:
        return
    # JSONB keeps no order of keys.
    parts = [(name, timings[name]) for name in sorted(timings, key=lambda name: [*_STAGES, name].index(name))]
    if (rest := took - sum(timings.values())) > 0.001:
        parts.append(("rest", rest))
    words = _STAGES if attempt.outcome in {"completed", "removed"} else _TRIED
    whole, x = sum(seconds for _, seconds in parts) or 1.0, 0.0
    for name, seconds in parts:
        at, width = at + timedelta(seconds=seconds), WIDTH * seconds / whole
        yield Stage(name, words.get(name, name), at, seconds, round(x, 1), round(width, 1))
        x += width


def _queries(attempt: SyncAttempt, destination: SnowflakeConfiguration | None) -> Iterator[tuple[str, str | None]]:
    """Query ids, each with its page in Snowsight; without a page if something else stands in for Snowflake."""
    account = destination.account_identifier if destination else ""
    for query_id in attempt.query_ids or ():
        yield query_id, None if settings.SNOWFLAKE_ENDPOINT else query_address(account, query_id)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start and end else None
