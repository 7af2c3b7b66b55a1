"""Connecting a Snowflake account: which one, the SQL that lets the sync in, the check."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import SnowflakeConfiguration, User
from sync.destinations import (
    FieldError,
    NotDoneError,
    check_rate,
    create_configuration,
    register_statement,
    scripts_of,
)
from sync.errors import SyncError
from sync.reporting import ADD_DESTINATIONS, VIEW_DESTINATIONS, scope_of, users_meant
from sync.web.console.access import demand, form_page, render_page, viewer
from sync.web.console.destination_access import about_destination, destination_page
from sync.web.console.destination_forms import ConnectForm
from sync.web.console.sent_sql import LASTS, address_of

# What the SQL makes, where nobody has a name of their own for it.
_NAMES = {
    "schema": "PUBLIC",
    "warehouse": "UNIVERSAL_SNOWFLAKE_SYNC",
    "username": "UNIVERSAL_SNOWFLAKE_SYNC",
    "database": "UNIVERSAL_SNOWFLAKE_SYNC",
}


@form_page
def connect_page(request: HttpRequest) -> HttpResponse:
    """The first step makes the destination, and leads on to the second."""
    demand(request, ADD_DESTINATIONS)
    owner = _owner(request)
    blank = SnowflakeConfiguration(user=owner)
    if request.method != "POST":
        return _asked(request, ConnectForm(instance=blank, initial=_NAMES), owner)
    form = ConnectForm(request.POST, instance=blank)
    if not form.is_valid():
        return _asked(request, form, owner)
    fields = {name: form.cleaned_data[name] for name in form.Meta.fields}
    try:
        check_rate("configure", viewer(request).pk)
        made = create_configuration(owner.pk, fields, form.secret())
    except FieldError as error:
        form.refuse(error)
        return _asked(request, form, owner)
    except NotDoneError as error:
        messages.warning(request, f"{error} {error.what_to_do}".strip())
        return _asked(request, form, owner)
    return redirect("console:let-in", made.pk)


@destination_page
def let_in_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """The SQL, on a page or as a file to send to whoever administers the account."""
    context = about_destination(request, about, "let-in")
    try:
        scripts = scripts_of(about)
        context |= {"scripts": scripts, "key": register_statement(about)}
    except SyncError as error:
        context |= {"error": error}
    else:
        if request.GET.get("as") in scripts:
            return _as_file(request.GET["as"], scripts)
        context |= {"link": request.build_absolute_uri(address_of(about)), "lasts": LASTS.days}
    return render_page(request, "let_in", context, here="destinations")


def _as_file(name: str, scripts: dict[str, str]) -> HttpResponse:
    disposition = f'attachment; filename="snowflake-sync-{name}.sql"'
    return HttpResponse(scripts[name], "text/plain; charset=utf-8", headers={"Content-Disposition": disposition})


def _owner(request: HttpRequest) -> User:
    """Whose it will be: the viewer's, or, for who sees everyone's, that of the one user who is named."""
    named = (request.POST.get("user") or request.GET.get("user") or "").replace("\0", "").strip()
    if not named or scope_of(viewer(request), VIEW_DESTINATIONS) is not None:
        return viewer(request)
    found = users_meant(named)
    if len(found) != 1:
        messages.warning(request, f"There is no one user {named}: it would be yours.")
        return viewer(request)
    return found[0]


def _asked(request: HttpRequest, form: ConnectForm, owner: User) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "user": "" if owner == viewer(request) else owner.email,
    }
    return render_page(request, "connect", context, here="destinations", status=400 if form.errors else 200)
