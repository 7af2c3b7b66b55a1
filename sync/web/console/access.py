"""Who may see the pages, whose items they show, and a limit on the time that a page takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import SnowflakeConfiguration, User
from sync.destinations import TooOftenError, check_rate, counting_place
from sync.postgres import TooSlowError, bounded_reading
from sync.reporting import CHANGE_DESTINATIONS, RETRY, may, scope_of

# Seconds between two looks of a page that is live.
LIVE_EVERY = 5
View = Callable[..., HttpResponseBase]


def viewer(request: HttpRequest) -> User:
    """The user who looks at the page."""
    assert isinstance(request.user, User)  # noqa: S101 - console_page has seen to it
    return request.user


def own_scope(request: HttpRequest) -> UUID | None:
    """The owner whose things the viewer sees; None: everyone's."""
    return scope_of(viewer(request))


def may_retry(request: HttpRequest) -> bool:
    """Whether the viewer may retry what they see."""
    return may(viewer(request), RETRY)


def demand(request: HttpRequest, permission: str = CHANGE_DESTINATIONS) -> None:
    """Raises PermissionDenied if the viewer may not do this to what they see."""
    if not may(viewer(request), permission):
        raise PermissionDenied


def render_page(
    request: HttpRequest, name: str, context: dict[str, Any], *, here: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page of this name. `here`: the one of the menu that it belongs to, where it is not in the menu itself.

    What all know, unless the context says otherwise: `now`, how often it is looked at anew, if it is live, and whether
    everyone's things are seen.
    """
    everyones = own_scope(request) is None
    common = {"here": here or name, "now": timezone.now(), "live_every": LIVE_EVERY, "is_staff": everyones}
    return render(request, f"console/{name}.html", common | context, status=status)


def console_page(view: View) -> View:
    """A page for users who are logged in. If reading takes too long, it is ended, and the page says so."""
    return _guarded(view, is_bounded=True)


def open_page(view: View) -> View:
    """The same for whoever has its address, logged in or not."""
    return _guarded(view, is_bounded=True, is_open=True)


def form_page(view: View) -> View:
    """The same, with a form: it may be sent, too."""
    return _working(_guarded(view, is_bounded=True))


def working_page(view: View) -> View:
    """The same, but the view bounds its reading itself, in transactions of its own."""
    return _working(_guarded(view, is_bounded=False))


def counting_page(*, is_bounded: bool) -> Callable[[View], View]:
    """A page that holds its thread for seconds: of one user so many a minute, and few at once. `is_bounded`: as a
    console_page's, or else a working page's.
    """
    return lambda view: _working(_guarded(view, is_bounded=is_bounded, counts=True))


def _working(view: View) -> View:
    return sensitive_post_parameters()(require_http_methods(["GET", "HEAD", "POST"])(view))


@contextmanager
def _counting(user: User) -> Iterator[None]:
    # Before anything else is read: what is counted here is no part of the page's transaction.
    check_rate("count", user.pk)
    with counting_place(user.pk):
        yield


def _guarded(view: View, *, is_bounded: bool, counts: bool = False, is_open: bool = False) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if not (is_open or request.user.is_authenticated):
                return redirect_to_login(request.get_full_path())
            reading = bounded_reading(settings.API_READ_TIMEOUT)
            with (
                _counting(viewer(request)) if counts else nullcontext(),
                reading if is_bounded and request.method in ("GET", "HEAD") else nullcontext(),
            ):
                return view(request, *args, **kwargs)
        except SnowflakeConfiguration.DoesNotExist as error:
            # It was there when the page began, and has been deleted since.
            raise Http404 from error
        except TooOftenError as error:
            page = render_to_string("console/trouble.html", {"too_often": error})
            return HttpResponse(page, status=429, headers={"Retry-After": f"{error.wait:.0f}"})
        except (OperationalError, InterfaceError) as error:
            said = {"slow": isinstance(error, TooSlowError), "seconds": settings.API_READ_TIMEOUT}
            page = render_to_string("console/trouble.html", said)
            return HttpResponse(page, status=503, headers={"Retry-After": "10"})

    return cache_control(no_store=True)(guarded)
