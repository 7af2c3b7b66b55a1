"""Oneself: how pages look, the tokens one has, the password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import ApiToken
from sync.destinations import check_rate
from sync.operations import change_preferences, make_token, revoke_tokens, set_password
from sync.web.console.access import form_page, render_page, viewer
from sync.web.console.me_forms import PasswordForm, PreferencesForm, TokenForm

# Tokens on a page, those that are not revoked first.
_LISTED = 20


@form_page
def me_page(request: HttpRequest) -> HttpResponse:
    """POST does what `act` says, one of the three forms; a token is in the answer to the one that makes it alone."""
    act = request.POST.get("act", "")
    forms: dict[str, Any] = {
        name: kind(request, request.POST if act == name else None)
        for name, kind in (("preferences", PreferencesForm), ("token", TokenForm), ("password", PasswordForm))
    }
    context: dict[str, Any] = {}
    if act in forms and forms[act].is_valid():
        if act != "token":
            (_keep_preferences if act == "preferences" else _change_password)(request, forms[act].cleaned_data)
            return redirect("console:me")
        context = _made(request, forms[act].cleaned_data)
        forms[act] = TokenForm(request, None)
    there = ApiToken.objects.filter(user=viewer(request)).order_by("-revoked_at", "-created", "-id")
    pages = Paginator(there, _LISTED).get_page(request.GET.get("page"))
    context |= {"forms": forms, "tokens": list(pages), "pages": pages}
    return render_page(request, "me", context, status=400 if act and "made" not in context else 200)


@form_page
def revoke_page(request: HttpRequest, token_id: int) -> HttpResponse:
    """GET says what would end; POST ends it. 404 also if the token is somebody else's."""
    mine = ApiToken.objects.filter(user=viewer(request), pk=token_id)
    token = mine.first()
    if token is None:
        raise Http404("There is no such token.")
    if request.method == "POST":
        check_rate("configure", viewer(request).pk)
        if many := revoke_tokens(mine):
            more = f", and with it {many - 1} that it had made" if many > 1 else ""
            messages.success(request, f"{token} is revoked{more}: it is refused from now on.")
        return redirect("console:me")
    made_with = ApiToken.objects.filter(made_with=token, revoked_at=None).count()
    return render_page(request, "revoke", {"token": token, "made_with": made_with}, here="me")


def _made(request: HttpRequest, wanted: dict[str, Any]) -> dict[str, Any]:
    """A new token, and the address to try it at."""
    check_rate("configure", viewer(request).pk)
    made, text = make_token(viewer(request), **wanted)
    return {"made": made, "text": text, "address": request.build_absolute_uri("/api/snowflake-sync/stats")}


def _keep_preferences(request: HttpRequest, chosen: dict[str, str]) -> None:
    check_rate("configure", viewer(request).pk)
    change_preferences(viewer(request), **chosen)
    zone = chosen["time_zone"]
    messages.success(request, f"Kept. Times are those of {zone}." if zone else "Kept. Times are this browser's.")


def _change_password(request: HttpRequest, given: dict[str, str]) -> None:
    """All other sessions end with the old password: each has been told apart by it."""
    set_password(viewer(request), make_password(given["password"]))
    update_session_auth_hash(request, viewer(request))
    messages.success(request, "The password is changed. Wherever else you were logged in, you are not any more.")
