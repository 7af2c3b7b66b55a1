"""Does a destination work? The check that API, admin and command share."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.activity import Action
from sync.destinations import breaker
from sync.destinations.connect import as_destination, credentials_of
from sync.destinations.logins import login_by_hand
from sync.destinations.noted import note
from sync.errors import SyncError
from sync.snowflake.setup import LIMITS, TITLES, Checked, Status, Step, Told, check_destination, failed


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. If not `current`, the configuration was changed meanwhile, and nothing was kept.

    `ended`: false while it is being made, so that whoever waits for it sees how far it is.
    """

    checked: Checked
    checked_at: datetime
    seconds: float
    current: bool
    ended: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.checked.passed,
            "checked_at": self.checked_at.isoformat(),
            "seconds": self.seconds,
            "current": self.current,
            "ended": self.ended,
            "steps": [step.as_json() for step in self.checked.steps],
        }


def check_configuration(configuration_id: UUID) -> Report:
    """Goes through all steps with one log-in, and keeps the report (last_check), after each step what is known then.

    A destination that passes is not paused any longer, unless by hand; a log-in that is refused pauses it; no item is
    touched. Raises SnowflakeConfiguration.DoesNotExist, and NotNowError if no log-in may be tried now.
    """
    configuration = SnowflakeConfiguration.objects.get(pk=configuration_id)
    checked_at, started = timezone.now(), time.monotonic()
    version = configuration.state.settings_version
    same = DestinationState.objects.filter(pk=configuration.pk, settings_version=version)

    def told(steps: Sequence[Step]) -> None:
        so_far = Report(Checked.of(steps), checked_at, _since(started), current=True, ended=False)
        same.update(last_check=so_far.as_json(), last_check_at=checked_at)

    told(())
    try:
        checked = _check(configuration, told)
    except BaseException:
        # It was not made: what the one before found still stands.
        before = configuration.state
        same.update(last_check=before.last_check, last_check_at=before.last_check_at)
        raise
    seconds = _since(started)
    with transaction.atomic():
        # Whoever changes the settings changes this row, too, and waits.
        current = same.select_for_update(no_key=True).first() is not None
        report = Report(checked, checked_at, seconds, current)
        if current:
            _keep(configuration, report)
        note(Action.DESTINATION_CHECKED, configuration, note=_found(report))
    return report


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _check(configuration: SnowflakeConfiguration, told: Told) -> Checked:
    try:
        destination = as_destination(configuration, credentials_of(configuration))
    except SyncError as error:
        return Checked.of([failed("log_in", error)])
    directory = settings.SYNC_SPOOL_DIRECTORY
    return check_destination(
        destination,
        configuration.pk,
        key_slot=configuration.private_key_slot,
        directory=Path(directory) if directory else None,
        login_lock=partial(login_by_hand, configuration, seconds=LIMITS.longest_login),
        told=told,
    )


def _found(report: Report) -> str:
    if not report.current:
        return "changed meanwhile: nothing was kept of it"
    step = next((step for step in report.checked.steps if step.status is Status.FAILED), None)
    return f"failed: {TITLES[step.name]}" if step else "passed"


def _keep(configuration: SnowflakeConfiguration, report: Report) -> None:
    known = DestinationState.objects.filter(pk=configuration.pk)
    known.update(last_check=report.as_json(), last_check_at=report.checked_at)
    if report.checked.logged_in:
        known.update(check_refusals=0, check_refused_at=None)
        breaker.note_login(configuration.pk)
    if ends_at := report.checked.token_ends_at:
        SnowflakeConfiguration.objects.filter(pk=configuration.pk).update(secret_ends_on=ends_at.astimezone(UTC).date())
    if report.checked.passed:
        breaker.resume_destination(configuration.pk)
