"""What a new installation still lacks before the first run is in Snowflake."""

from typing import NamedTuple

from accounts.models import Login
from sync.installation import trigger_findings
from sync.reporting.overview import Overview
from sync.reporting.words import counted


class FirstStep(NamedTuple):
    """A step, whether it is done, what was seen, and what to do if it is not: in words, by a command, on a page."""

    name: str
    is_done: bool
    seen: str
    remedy: str = ""
    command: str = ""
    page: str = ""


def first_steps(seen: Overview) -> list[FirstStep]:
    """The steps; none once a run is in Snowflake."""
    if seen.loaded:
        return []
    faults = [finding for finding in trigger_findings() if not finding.ok]
    workers, destinations = seen.facts.live_workers, seen.destinations.count
    people = Login.objects.exclude(password=None).count()
    return [
        FirstStep(
            "The application's tables have the trigger",
            not faults,
            f"{faults[0].name} {faults[0].detail}" if faults else "What completes is queued from now on.",
            command=faults[0].remedy if faults else "",
        ),
        FirstStep(
            "A worker runs",
            workers > 0,
            f"{counted(workers, 'worker')} alive." if workers else "None has been heard of.",
            "Start one:",
            "manage.py run_sync_worker",
        ),
        FirstStep(
            "Somebody may log in",
            people > 0,
            f"{counted(people, 'person', 'people')} may.",
            "Let somebody in:",
            "manage.py set_password ADDRESS",
        ),
        FirstStep(
            "A destination is there",
            destinations > 0,
            f"{counted(destinations, 'destination')}." if destinations else "No Snowflake account is connected.",
            "Its owner connects it; staff can do so in the admin.",
            page="connect",
        ),
        FirstStep(
            "A first run is in Snowflake",
            seen.loaded > 0,
            _queued(seen),
            "Let the application complete a workflow, or try all of it:",
            "manage.py test_sync",
            "runs",
        ),
    ]


def _queued(seen: Overview) -> str:
    waiting = seen.facts.waiting + seen.facts.processing
    if seen.facts.failed:
        return f"{counted(seen.facts.failed, 'load')} failed: see why."
    if waiting:
        return f"{counted(waiting, 'load waits', 'loads wait')}."
    homeless = counted(seen.facts.homeless, "result waits", "results wait")
    return f"{homeless} for a destination." if seen.facts.homeless else "Nothing has completed yet."
