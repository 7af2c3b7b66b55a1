"""Who may see the pages, what of it is theirs, and that no page takes for ever."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Any
from uuid import UUID

import psycopg2.errors
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control

from accounts.models import User
from sync.destinations import TooOftenError
from sync.reporting import RETRY, may, scope_of

View = Callable[..., HttpResponseBase]


def viewer(request: HttpRequest) -> User:
    """Who looks."""
    assert isinstance(request.user, User)  # noqa: S101 - monitor_page has seen to it
    return request.user


def own_scope(request: HttpRequest) -> UUID | None:
    """Whose things the viewer sees."""
    return scope_of(viewer(request))


def may_retry(request: HttpRequest) -> bool:
    """Whether the viewer may retry what they see."""
    return may(viewer(request), RETRY)


def monitor_page(view: View) -> View:
    """A page for who is logged in. Reading ends by itself after a while, and then says so."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            with bounded_reading() if request.method in ("GET", "HEAD") else nullcontext():
                return view(request, *args, **kwargs)
        except TooOftenError as error:
            page = render_to_string("monitor/trouble.html", {"too_often": error})
            return HttpResponse(page, status=429, headers={"Retry-After": f"{error.wait:.0f}"})
        except (OperationalError, InterfaceError) as error:
            slow = isinstance(error.__cause__, psycopg2.errors.QueryCanceled)
            page = render_to_string("monitor/trouble.html", {"slow": slow, "seconds": settings.API_READ_TIMEOUT})
            return HttpResponse(page, status=503, headers={"Retry-After": "10"})

    return cache_control(no_store=True)(guarded)


@contextmanager
def bounded_reading() -> Iterator[None]:
    """A transaction whose statements end by themselves: LOCAL, because a pooler may hand the session to others."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            milliseconds = int(settings.API_READ_TIMEOUT * 1000)
            cursor.execute(f"SET LOCAL statement_timeout = {milliseconds}; SET LOCAL jit = off")
        yield
