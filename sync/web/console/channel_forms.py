"""The form of a channel: what its kind wants to know, and of what it is told."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User
from sync.alerts import KINDS, WORDS, BadFieldsError, Kind, zone_of
from sync.models import SyncAlertChannel
from sync.reporting import scope_of

_INPUT = {"class": "input", "autocomplete": "off"}
_REMINDERS = [("", "no"), ("3600", "every hour"), ("14400", "every 4 hours"), ("86400", "every day")]
_VALUE = "value_"
# Whoever does not see everybody's things is never told of these.
_OF_THE_INSTALLATION = (Kind.NO_WORKER, Kind.OUT_OF_SPACE)


class ChannelForm(forms.Form):
    """Made for a kind. A stored secret is not shown: what is left empty stays."""

    name = forms.CharField(max_length=100, help_text="As you call it: “on-call”.", widget=forms.TextInput(attrs=_INPUT))
    which = forms.ChoiceField(
        choices=[("all", "all alerts"), ("some", "these only")], label="It is told of", widget=forms.RadioSelect
    )
    events = forms.MultipleChoiceField(
        choices=[(kind, words.label) for kind, words in WORDS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    everyone = forms.BooleanField(
        required=False, label="Also of everybody's things, and of the installation", widget=forms.CheckboxInput
    )
    remind_after = forms.TypedChoiceField(
        choices=_REMINDERS,
        coerce=lambda seconds: timedelta(seconds=int(seconds)),
        empty_value=None,
        required=False,
        label="Remind while it is open",
        widget=forms.Select(attrs=_INPUT),
    )
    digest = forms.ChoiceField(
        choices=[("", "no"), *SyncAlertChannel.Digest.choices],
        required=False,
        label="A digest of what came and was loaded",
        widget=forms.Select(attrs=_INPUT),
    )

    def __init__(
        self, user: User, kind: str, given: QueryDict | None = None, channel: SyncAlertChannel | None = None
    ) -> None:
        self.about = KINDS[kind]
        super().__init__(given, initial=_initial(channel), auto_id="channel_%s", label_suffix="")
        self.fields["digest"].help_text = f"In the time zone {zone_of(user).key}, which is yours."
        for field in self.about.fields:
            self.fields[_VALUE + field.name] = _field(field, channel)
        if kind == "email" and channel is None:
            self.initial[_VALUE + "to"] = user.email
        if scope_of(user) is not None:
            del self.fields["everyone"]
            self._offer_only_what_may_come()
        if not self.about.digests:
            del self.fields["digest"]
        self._keep_the_reminder(channel)

    def _keep_the_reminder(self, channel: SyncAlertChannel | None) -> None:
        """One that the API has set is offered, too."""
        if channel and channel.remind_after and self.initial["remind_after"] not in dict(_REMINDERS):
            offered = (self.initial["remind_after"], f"as it is: every {channel.remind_after}")
            self.fields["remind_after"].choices = [*_REMINDERS, offered]  # type: ignore[attr-defined]

    def _offer_only_what_may_come(self) -> None:
        """And what is stored, from when its user saw more."""
        there = self.fields["events"]
        there.choices = [  # type: ignore[attr-defined]
            (kind, label)
            for kind, label in there.choices  # type: ignore[attr-defined]
            if kind not in _OF_THE_INSTALLATION or kind in self.initial["events"]
        ]

    @property
    def way(self) -> list[forms.BoundField]:
        """What the kind wants to know."""
        return [self[_VALUE + field.name] for field in self.about.fields]

    @property
    def values(self) -> dict[str, str]:
        """What was entered for it."""
        return {field.name: str(self.cleaned_data.get(_VALUE + field.name) or "") for field in self.about.fields}

    @property
    def chosen(self) -> dict[str, Any]:
        """The rest."""
        given = self.cleaned_data
        found = {
            "name": given["name"],
            "events": given["events"] if given["which"] == "some" else None,
            "remind_after": given["remind_after"],
        }
        if "everyone" in self.fields:
            found["everyone"] = given["everyone"]
        if "digest" in self.fields:
            found["digest"] = given["digest"] or None
        return found

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if set(given.get("events") or ()) - set(self.initial["events"]):
            # Who has ticked some means these, also where “all alerts” is still chosen.
            given["which"] = "some"
        if given.get("which") == "some" and not given.get("events"):
            self.add_error("events", "Tick at least one, or choose all alerts.")
        return given

    def refuse(self, error: BadFieldsError) -> None:
        """Says what is wrong beside the fields that it is wrong with."""
        for name, words in error.problems.items():
            field = name if name in self.fields else _VALUE + name
            self.add_error(field if field in self.fields else None, words)


def _field(field: Any, channel: SyncAlertChannel | None) -> forms.Field:
    stored = (channel.settings if channel else {}).get(field.name, "")
    words: dict[str, Any] = {"label": field.label, "help_text": field.help, "initial": stored}
    if field.choices is not None:
        return forms.ChoiceField(choices=list(field.choices.items()), **words, widget=forms.Select(attrs=_INPUT))
    if field.secret and channel:
        words |= {"required": False, "help_text": f"{field.help} Stored; left empty, it stays.".strip()}
    # Not a password: no browser shall offer to keep it, and it is seen while it is entered.
    return forms.CharField(**words, widget=forms.TextInput(attrs={**_INPUT, "spellcheck": "false"}))


def _initial(channel: SyncAlertChannel | None) -> dict[str, Any]:
    if channel is None:
        return {"which": "all", "events": [], "remind_after": "", "digest": ""}
    return {
        "name": channel.name,
        "which": "all" if channel.events is None else "some",
        "events": channel.events or [],
        "everyone": channel.everyone,
        "remind_after": f"{channel.remind_after.total_seconds():.0f}" if channel.remind_after else "",
        "digest": channel.digest or "",
    }
