"""The forms of a user's own page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from accounts.models import Preferences
from sync.web.console.access import viewer
from sync.web.shared import browsers_zone, known_zones, offered_zones

_INPUT = {"class": "input"}
# Days that a new token may last; none: for ever.
_LASTS = [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "until it is revoked")]


class PreferencesForm(forms.Form):
    """The time zone, and light or dark."""

    time_zone = forms.ChoiceField(required=False, widget=forms.Select(attrs=_INPUT))
    theme = forms.ChoiceField(choices=Preferences.Theme.choices, label="Colours", widget=forms.RadioSelect)

    def __init__(self, request: HttpRequest, given: QueryDict | None) -> None:
        chosen = viewer(request).chosen
        initial = {"time_zone": chosen.time_zone, "theme": chosen.theme}
        super().__init__(given, initial=initial, auto_id="preferences_%s", label_suffix="")
        own = browsers_zone(request)
        self.fields["time_zone"].choices = _zones(own, chosen.time_zone)  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """What a new token is for, and how long it lasts."""

    name = forms.CharField(
        max_length=100,
        help_text="What it is for, or where it is kept: “nightly report”.",
        widget=forms.TextInput(attrs={**_INPUT, "autocomplete": "off"}),
    )
    lasts = forms.TypedChoiceField(
        choices=_LASTS,
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
        required=False,
        initial="90",
        label="It lasts",
        widget=forms.Select(attrs=_INPUT),
    )

    def __init__(self, _request: HttpRequest, given: QueryDict | None) -> None:
        super().__init__(given, auto_id="token_%s", label_suffix="")


def _password(autocomplete: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={**_INPUT, "autocomplete": autocomplete})


class PasswordForm(forms.Form):
    """A new password, for whoever knows the one that is. Tries are counted with those to log in."""

    old = forms.CharField(strip=False, label="Current password", widget=_password("current-password"))
    password = forms.CharField(strip=False, label="New password", widget=_password("new-password"))
    again = forms.CharField(strip=False, label="New password, again", widget=_password("new-password"))

    def __init__(self, request: HttpRequest, given: QueryDict | None) -> None:
        super().__init__(given, auto_id="password_%s", label_suffix="")
        self._request = request

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, viewer(self._request))
        return password

    def clean(self) -> dict[str, Any]:
        """The old one is looked at last, and only if nothing else is wrong: each look counts."""
        given = super().clean() or {}
        if not self.errors and given["password"] != given["again"]:
            self.add_error("again", "It is not the same.")
        if not self.errors:
            user = viewer(self._request)
            if authenticate(self._request, username=user.email, password=given["old"]) != user:
                refused = getattr(self._request, "sign_in_refused", "This is not your password.")
                self.add_error("old", refused)
        return given


def _zones(browsers: str, chosen: str) -> list[Any]:
    """The browser's, UTC, then the places by part of the world; and the chosen one, if it is none of these."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in offered_zones():
        region, _, place = name.partition("/")
        groups.setdefault(region if place else "", []).append((name, name))
    alone = groups.pop("", [])
    if chosen in known_zones() - set(offered_zones()):
        alone.append((chosen, chosen))
    now = f", {timezone.localtime():%H:%M}" if not chosen else ""
    return [("", f"this browser's ({browsers or 'UTC'}{now})"), *alone, *groups.items()]
