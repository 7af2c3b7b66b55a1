"""Whose destination a page is about, who may change it, and what is said when something is not done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.destinations import KeyRefusedError, NotDoneError
from sync.errors import SyncError
from sync.reporting import CHANGE_DESTINATIONS, VIEW_DESTINATIONS, availability_of, may, may_see_runs, scope_of
from sync.web.console.access import demand, form_page, render_page, viewer

Answer = Callable[[HttpRequest, SnowflakeConfiguration], HttpResponse]
Act = Callable[[HttpRequest, SnowflakeConfiguration], None]


def find(request: HttpRequest, configuration_id: UUID) -> SnowflakeConfiguration:
    """The destination with its owner. Raises Http404 if it is somebody else's."""
    owner = scope_of(viewer(request), VIEW_DESTINATIONS)
    found = SnowflakeConfiguration.objects.select_related("user", "stored_state").filter(pk=configuration_id).first()
    if found is None or owner not in (None, found.user_id):
        raise Http404("There is no such destination.")
    return found


def destination_page(view: Answer) -> Callable[..., HttpResponseBase]:
    """A page about one destination, which it is given. No error report shows any value of the request."""

    @form_page
    @wraps(view)
    def guarded(request: HttpRequest, configuration_id: UUID) -> HttpResponse:
        return view(request, find(request, configuration_id))

    return guarded


def destination_act(leads_to: str = "destination") -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """POST does it, for who may change the destination, and then leads to this page of it.

    GET only leads there: a log-in in between ends in a GET.
    """

    def decorate(act: Act) -> Callable[..., HttpResponseBase]:
        @destination_page
        @wraps(act)
        def acting(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
            if request.method == "POST":
                demand(request)
                with told(request):
                    act(request, about)
            return redirect(f"console:{leads_to}", about.pk)

        return acting

    return decorate


@contextmanager
def told(request: HttpRequest) -> Iterator[None]:
    """What is not done inside is told to the viewer, with what to do."""
    try:
        yield
    except KeyRefusedError as refused:
        messages.error(request, f"{refused} {refused.what_to_do}")
    except NotDoneError as error:
        messages.warning(request, str(error))
    except SyncError as error:
        messages.error(request, str(error))


def about_destination(request: HttpRequest, about: SnowflakeConfiguration, tab: str, **more: Any) -> dict[str, Any]:
    """The context of a page of a destination."""
    is_others = about.user_id != viewer(request).pk
    now = timezone.now()
    return {
        "now": now,
        "about": about,
        "tab": tab,
        "state": availability_of(about, now),
        "owner": about.user.email if is_others else "",
        "sees_runs": may_see_runs(viewer(request), about.user_id),
        "may_change": may(viewer(request), CHANGE_DESTINATIONS),
        **more,
    }


def render_destination(
    request: HttpRequest, about: SnowflakeConfiguration, tab: str, name: str = "", **more: Any
) -> HttpResponse:
    """The page of a destination of this name, by default its tab's."""
    return render_page(request, name or tab, about_destination(request, about, tab, **more), here="destinations")
