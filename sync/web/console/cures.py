"""What cures each point of the verdict: the words of a button or link, and where it leads."""

from typing import NamedTuple
from uuid import UUID

from django.urls import reverse

from sync.errors import CATALOGUE
from sync.reporting import BEGUN, BY_HAND, ErrorGroup, Level, Pause, Point


class Cure(NamedTuple):
    """The words, and the address. `posts`: a button that does something there, not a link."""

    words: str
    address: str
    posts: bool = False


class Said(NamedTuple):
    """A point as the page shows it: its icon's name, the sentence, what follows it, and the cure the viewer has."""

    icon: str
    text: str
    more: str
    cure: Cure | None


_ICONS = {Level.BAD: "failed", Level.ATTENTION: "attention", Level.GOOD: "off"}


def said_of(point: Point, *, is_staff: bool, user: str = "") -> Said:
    """The point; `user`: the e-mail address of whom all links are to be about."""
    icon = "paused" if isinstance(point.subject, Pause) and point.subject.by_hand else _ICONS[point.level]
    icon = "pending" if point.about == "homeless" else icon
    return Said(icon, point.text, point.more, _cure(point, is_staff=is_staff, user=user))


def runs(user: str = "", **query: str | None) -> str:
    """The address of the list of these runs."""
    given = {"user": user, **query}
    return reverse("console:runs", query={name: value for name, value in given.items() if value})


def runs_of(group: ErrorGroup, user: str = "") -> str:
    """The address of the list of the runs of a group."""
    return runs(
        user,
        status="failed",
        error_code=group.code or "-",
        workflow=group.workflow.workflow_id if group.workflow else None,
        destination=str(group.destination.pk) if group.destination else None,
    )


def destination_address(destination_id: UUID, page: str = "destination") -> str:
    """The address of one of a destination's pages."""
    return reverse(f"console:{page}", args=[destination_id])


def cure_of_pause(code: str, destination_id: UUID) -> Cure:
    """What ends a pause for this reason."""
    if code == BY_HAND:
        return Cure("Resume", destination_address(destination_id))
    if code == BEGUN:
        return Cure("Go on connecting", destination_address(destination_id, "let-in"))
    entry = CATALOGUE.get(code)
    words = "Enter new credentials" if entry and entry.refuses else "Mend it"
    return Cure(words, destination_address(destination_id, "settings"))


def _cure(point: Point, *, is_staff: bool, user: str) -> Cure | None:
    if isinstance(point.subject, Pause) and point.subject.id:
        return cure_of_pause(point.subject.code, point.subject.id)
    if isinstance(point.subject, ErrorGroup) and point.subject.latest:
        return Cure("See why", reverse("console:run", args=[point.subject.latest]))
    return {
        "failing": Cure("See the failures", reverse("console:errors", query={"user": user} if user else {})),
        "workers": Cure("See the workers", reverse("console:workers")) if is_staff else None,
        "late": Cure("See what waits", runs(user, status="pending")),
        "destinations": Cure("See all destinations", reverse("console:destinations")),
        "errors": Cure("See the failures", reverse("console:errors", query={"user": user} if user else {})),
        "homeless": _of_homeless(is_staff=is_staff, user=user),
    }[point.about]


def _of_homeless(*, is_staff: bool, user: str) -> Cure:
    if not is_staff:
        return Cure("Connect Snowflake", reverse("console:connect"))
    return Cure("See the results", runs(user, status="skipped", error_code="no_destination"))
