"""Shows in a terminal how the sync stands."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet

from config.log_lines import visible
from sync.alerts import Standing, standing
from sync.management.arguments import add_json, positive
from sync.management.command import CheckedCommand
from sync.models import SyncCatalogue, SyncReconciliation
from sync.reporting import (
    DestinationStatus,
    Level,
    Overview,
    Scope,
    WorkerState,
    ago,
    counted,
    duration,
    number,
    open_findings,
    otherwise,
    overview,
    tables_otherwise,
)

# Clears the screen and puts the cursor into its corner: ECMA-48, ED and CUP.
CLEAR = "\x1b[H\x1b[2J\x1b[3J"
EVERY = 2
# Catalogues that are named.
_LISTED = 10


def failing_catalogues() -> "QuerySet[SyncCatalogue]":
    """Of active destinations, the latest try of which was in vain."""
    return SyncCatalogue.objects.filter(error_code__isnull=False, configuration__is_active=True)


class Command(CheckedCommand):
    help = "Says how the sync stands: the verdict first, then the figures. Exits 1 where somebody should look."

    def add_arguments(self, parser: CommandParser) -> None:
        add_json(parser)
        parser.add_argument(
            "--watch", nargs="?", type=positive, const=EVERY, metavar="SECONDS", help=f"Again and again ({EVERY} s)."
        )

    def handle(self, *_args: Any, watch: int | None, **options: Any) -> None:
        as_json = bool(options["json"])
        if watch is None:
            seen = overview(Scope())
            self.stdout.write(json.dumps(as_object(seen), indent=2) if as_json else self._page(seen))
            if seen.verdict.level is not Level.GOOD:
                raise SystemExit(1)
            return
        try:
            while True:
                self._again(as_json=as_json)
                time.sleep(watch)
        except KeyboardInterrupt:
            self.stdout.write("")

    def _again(self, *, as_json: bool) -> None:
        try:
            seen = overview(Scope(), watch=True)
        except (DatabaseError, InterfaceError):
            connection.close()
            text = json.dumps({"level": Level.BAD, "verdict": "PostgreSQL does not answer."}) if as_json else ""
            self.stdout.write(text or f"{CLEAR}PostgreSQL does not answer; trying again.")
        else:
            self.stdout.write(json.dumps(as_object(seen)) if as_json else CLEAR + self._page(seen))
        self.stdout.flush()

    def _page(self, seen: Overview) -> str:
        style = {Level.GOOD: self.style.SUCCESS, Level.ATTENTION: self.style.WARNING, Level.BAD: self.style.ERROR}
        lines = [style[seen.verdict.level](seen.verdict.headline)]
        lines += [f"- {visible(point.said)}" for point in seen.verdict.others]
        lines += ["", "  ".join(f"{number(card.count)} {card.status}" for card in seen.cards)]
        if seen.destinations.listed:
            lines += ["", *_table(list(_destinations(seen.destinations.listed, seen.now)))]
            if (more := seen.destinations.count - len(seen.destinations.listed)) > 0:
                lines.append(f"and {number(more)} more")
        if seen.workers and seen.workers.lines:
            lines += ["", *_table(list(_workers(seen)))]
        lines += map(visible, _alerts(standing(), seen.now))
        lines += _findings()
        lines += map(visible, _catalogues())
        return "\n".join(lines)


def as_object(seen: Overview) -> dict[str, Any]:
    """The overview for programs: times in ISO 8601, durations in seconds."""
    found = standing()
    return {
        "level": seen.verdict.level,
        "verdict": seen.verdict.headline,
        "points": [point.text for point in seen.verdict.others],
        "as_of": seen.counted_at.isoformat(),
        "items": {card.status: card.count for card in seen.cards},
        "failed_last_hour": seen.facts.failed_last_hour,
        "oldest_due_seconds": round(seen.facts.lag, 1),
        "live_workers": seen.facts.live_workers,
        "held_back_workers": seen.facts.held_back_workers,
        "silent_workers": seen.facts.silent_workers,
        "paused_destinations": seen.facts.paused,
        "errors": seen.errors,
        "open_alerts": found.open,
        "messages_waiting": found.waiting,
        "messages_in_vain": found.in_vain,
        "open_findings": open_findings().count(),
        "catalogues_not_written": failing_catalogues().count(),
        "alerts_looked_at": found.looked_at.isoformat() if found.looked_at else None,
        "destinations": [
            {
                "id": str(each.id),
                "name": each.name,
                "state": each.state,
                "reason": each.configuration.state.breaker_code if each.state in ("paused", "trying") else None,
                "lag_seconds": round(each.lag, 1),
                "waiting": each.waiting,
                "failed": each.failed,
                "last_success": each.last_success.isoformat() if each.last_success else None,
            }
            for each in seen.destinations.listed
        ],
    }


def _destinations(listed: Sequence[DestinationStatus], now: datetime) -> Iterator[tuple[str, ...]]:
    yield "destination", "state", "lag", "waiting", "failed", "rows 24 h", "last success"
    for each in listed:
        success = ago(each.last_success, now) if each.last_success else "never"
        lag = duration(each.lag) if each.waiting else "none"
        counts = (number(each.waiting), number(each.failed), number(each.record.rows))
        yield each.name, str(each.state), lag, *counts, success


def _workers(seen: Overview) -> Iterator[tuple[str, ...]]:
    yield "worker", "state", "heartbeat", "in flight", "loads/min"
    for line in seen.workers.lines if seen.workers else ():
        worker = line.worker
        yield (
            f"{worker.host}:{worker.pid}",
            f"{line.state}: {worker.held_back}" if line.state is WorkerState.HELD_BACK else str(line.state),
            ago(worker.heartbeat_at, seen.now),
            f"{counted(line.in_flight, 'run')} in {counted(worker.concurrency, 'thread')}",
            f"{line.rate:.1f}",
        )


def _alerts(found: Standing, now: datetime) -> Iterator[str]:
    """What is open, and what keeps people from being told; nothing, if all is well."""
    if found.open:
        yield ""
        yield f"{counted(found.open, 'alert is', 'alerts are')} open:"
        yield from (f"- {alert.facts.get('what', alert)}, {ago(alert.since, now)}" for alert in found.listed)
    if found.in_vain:
        channels = counted(found.failing_channels, "channel")
        yield f"{counted(found.in_vain, 'message was', 'messages were')} not taken yet, by {channels}: see /alerts."
    if found.unseen:
        yield f"Not all could be seen of which people are told: {found.unseen}"


def _findings() -> Iterator[str]:
    """What is otherwise in Snowflake than it was loaded."""
    if tables := tables_otherwise(open_findings()):
        destinations = SyncReconciliation.objects.filter(pk__in=open_findings().values("configuration"))
        unlisted = sum(destinations.values_list("unlisted", flat=True))
        at = counted(open_findings().values("configuration").distinct().count(), "destination")
        said = otherwise(tables, unlisted)
        yield f"{said} in Snowflake than loaded, at {at}: the destination's page says which, and what to do."


def _catalogues() -> Iterator[str]:
    """Catalogues that could not be written, and why."""
    for one in failing_catalogues().select_related("configuration")[:_LISTED]:
        yield f"The catalogue of {one.configuration} could not be written: {one.error_message} {one.error_remedy}"


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    rows = [tuple(map(visible, row)) for row in rows]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]]
