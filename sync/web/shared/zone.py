"""In which time zone, and in which colours, pages are for whoever looks at them. The API stays in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from accounts.models import Preferences, User

# What the browser's own zone is called; zone.js writes it.
COOKIE = "zone"
# What machines ask: it is in UTC, and reads no session.
_OF_MACHINES = ("/api/snowflake", "/api/schema", "/metrics", "/healthz", "/readyz")
_REGIONS = ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"]


class Zone(ZoneInfo):
    """A zone in which the first and the last moment that there are, as which others are read, can be shown, too."""

    def fromutc(self, moment: datetime, /) -> datetime:
        try:
            return super().fromutc(moment)
        except OverflowError:
            return moment


def as_chosen(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A middleware: times are shown, and read where they name no zone, in the zone that the user chose, else the
    browser's, else UTC; `request.theme` is light or dark where the user chose one.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(_OF_MACHINES):
            return get_response(request)
        chosen = _chosen(request)
        request.theme = "" if chosen.theme == Preferences.Theme.SYSTEM else chosen.theme  # type: ignore[attr-defined]
        zone = chosen.time_zone or browsers_zone(request)
        with timezone.override(Zone(zone) if zone in known_zones() else UTC):
            return get_response(request)

    return middleware


def browsers_zone(request: HttpRequest) -> str:
    """The name of the browser's zone; empty where it has told none, or one that is not known."""
    name = unquote(request.COOKIES.get(COOKIE, ""))
    return name if name in known_zones() else ""


@cache
def known_zones() -> frozenset[str]:
    """The names of all zones, those of old among them, which browsers still give."""
    return frozenset(available_timezones())


@cache
def offered_zones() -> tuple[str, ...]:
    """The names to choose from: UTC, then the places, in their order."""
    return ("UTC", *sorted(name for name in known_zones() if name.split("/")[0] in _REGIONS))


def _chosen(request: HttpRequest) -> Preferences:
    try:
        if isinstance(request.user, User) or request.user.is_authenticated:
            return request.user.chosen
    except (OperationalError, InterfaceError):
        # The page will ask again, and say that the database does not answer.
        pass
    return Preferences()
