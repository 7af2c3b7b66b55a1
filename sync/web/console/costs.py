"""What loads have cost, by workflow, destination and day, and where less would do."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import SnowflakeConfiguration
from sync.destinations import check_rate, check_slot
from sync.postgres import bounded_reading
from sync.reporting import (
    CHANGE_DESTINATIONS,
    COST_DAYS,
    COST_FORMULA,
    MOST_COST_DAYS,
    VIEW_DESTINATIONS,
    as_uuid,
    costs,
    may,
    scope_of,
)
from sync.warehouse import actual_credits
from sync.web.console.access import console_page, demand, own_scope, render_page, viewer
from sync.web.console.destination_access import destination_page, told
from sync.web.shared import whole_number

_PERIODS = (1, COST_DAYS, MOST_COST_DAYS)


@console_page
def costs_page(request: HttpRequest) -> HttpResponse:
    """Of one's own destinations; for staff, of all."""
    return _page(request, as_uuid(request.GET.get("destination", "")))


@destination_page
def actual_credits_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """POST asks Snowflake what the destination's warehouse has used, and shows that beside the estimate."""
    if request.method != "POST":
        return redirect(reverse("console:costs", query={"destination": str(about.pk)}))
    demand(request)
    check_rate("check", viewer(request).pk)
    actual = None
    with told(request), check_slot(viewer(request).pk):
        with bounded_reading(settings.API_READ_TIMEOUT):
            since = costs(about.user_id, days=_days(request), destination_id=about.pk).since
        actual = actual_credits(about, since)
    with bounded_reading(settings.API_READ_TIMEOUT):
        return _page(request, about.pk, actual=actual)


def _days(request: HttpRequest) -> int:
    return min(MOST_COST_DAYS, max(1, whole_number(request.GET.get("days"), COST_DAYS)))


def _page(request: HttpRequest, destination_id: UUID | None, actual: object = None) -> HttpResponse:
    owner, days = own_scope(request), _days(request)
    seen = costs(owner, days=days, destination_id=destination_id)
    sees_all = scope_of(viewer(request), VIEW_DESTINATIONS) is None
    context = {
        "costs": seen,
        "days": days,
        "periods": _PERIODS,
        "formula": COST_FORMULA,
        "destination": destination_id,
        "one": seen.destinations[0] if destination_id and seen.destinations else None,
        "actual": actual,
        "actual_sum": sum(actual.values()) if isinstance(actual, dict) else None,
        "sees_settings": owner is not None or sees_all,
        "may_change": may(viewer(request), CHANGE_DESTINATIONS),
    }
    return render_page(request, "costs", context, here="costs")
