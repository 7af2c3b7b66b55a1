"""What is set of a destination, its way in, and how it is switched off or deleted."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import SnowflakeConfiguration
from sync.destinations import (
    PASSWORDS_END,
    FieldError,
    activate_rotation,
    begin_rotation,
    change_configuration,
    check_rate,
    check_slot,
    delete_configuration,
    register_statement,
)
from sync.errors import CATALOGUE, SyncError
from sync.reporting import DELETE_DESTINATIONS, Scope, may
from sync.web.console.access import demand, render_page, viewer
from sync.web.console.destination_access import (
    about_destination,
    destination_act,
    destination_page,
    render_destination,
    told,
)
from sync.web.console.destination_forms import ConsoleForm, SettingsForm, WayInForm

Method = SnowflakeConfiguration.AuthMethod
_TRIED = "What waits is loaded as it is set now."
_UNTRIED = "It is tried with the next run; Check now tries it at once."
_FORMS: dict[str, type[ConsoleForm]] = {"settings": SettingsForm, "way_in": WayInForm}


@destination_page
def settings_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """GET: the forms. POST: changes what the sent one has."""
    forms = {name: form(instance=about) for name, form in _FORMS.items()}
    if request.method == "POST":
        demand(request)
        name = "way_in" if "auth_method" in request.POST else "settings"
        # An instance of its own: what was refused does not show elsewhere on the page.
        forms[name] = _FORMS[name](request.POST, instance=SnowflakeConfiguration.objects.get(pk=about.pk))
        if _save(request, about, forms[name]):
            return redirect("console:settings", about.pk)
    context = about_destination(request, about, "settings", **forms, **_keys(about))
    code = CATALOGUE.get(about.state.breaker_code or "")
    context |= {
        "may_delete": may(viewer(request), DELETE_DESTINATIONS),
        "method": Method(about.method_in_use() or about.auth_method).label,
        "is_refused": bool(code and code.refuses),
        "warning": PASSWORDS_END if about.method_in_use() == Method.PASSWORD else "",
    }
    return render_page(request, "settings", context, here="destinations")


def _save(request: HttpRequest, about: SnowflakeConfiguration, form: ConsoleForm) -> bool:
    """Whether it was done; else the form, or a message, says why not."""
    if not form.is_valid():
        return False
    done = False
    with told(request):
        check_rate("configure", viewer(request).pk)
        try:
            changed = change_configuration(about.pk, form.sent, form.secret())
            is_tried = changed.state.last_login_at is not None
            messages.success(request, f"Saved. {_TRIED if is_tried else _UNTRIED}")
            done = True
        except FieldError as error:
            form.refuse(error)
    return done


def _keys(about: SnowflakeConfiguration) -> dict[str, Any]:
    """The key in use, and the next one with the SQL that gives it to the user."""
    try:
        begun = begin_rotation(about.pk) if about.next_private_key_encrypted else None
        return {"in_use": register_statement(about), "begun": begun}
    except SyncError as error:
        return {"key_error": error}


@destination_act("settings")
def rotate(request: HttpRequest, about: SnowflakeConfiguration) -> None:
    """Makes the next key pair, or puts it into use once it works."""
    check_rate("check", viewer(request).pk)
    if "activate" not in request.POST:
        begin_rotation(about.pk)
        messages.success(request, "A new key pair waits. Run its statement in Snowflake, then use it.")
        return
    with check_slot(viewer(request).pk):
        old = activate_rotation(about.pk)
    last = f" In a minute, when running loads have ended, take the old one away: {old.statement}" if old else ""
    messages.success(request, f"The new key is in use.{last}")


@destination_act()
def switch(request: HttpRequest, about: SnowflakeConfiguration) -> None:
    """On if it is off, and off if it is on."""
    check_rate("configure", viewer(request).pk)
    wanted = request.POST.get("to", "on") == "on"
    change_configuration(about.pk, {"is_active": wanted}, None)
    said = "Switched on: what waited for it is loaded." if wanted else "Switched off: nothing is loaded here any more."
    messages.success(request, said)


@destination_page
def delete_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """GET: what becomes of what. POST deletes it."""
    demand(request, DELETE_DESTINATIONS)
    if request.method == "POST":
        check_rate("configure", viewer(request).pk)
        delete_configuration(about.pk)
        messages.success(request, f"{about} is deleted. Its tables in Snowflake are still there.")
        return redirect("console:destinations")
    counts = Scope(about.user_id, about.pk).counted()
    return render_destination(
        request,
        about,
        "settings",
        "destination_delete",
        waiting=counts.total("pending") + counts.total("processing"),
        loaded=counts.total("completed"),
        total=counts.total(),
    )
