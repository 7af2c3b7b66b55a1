"""The form of a destination: its settings, and a secret that is written, never shown. Admin and console share it."""

from copy import copy
from typing import Any, ClassVar

from django import forms

from accounts.models import SETTINGS, SnowflakeConfiguration
from sync.destinations import (
    LONGEST_SECRET,
    FieldError,
    Secret,
    apply_settings,
    check_other_destinations,
    check_there_is_a_secret,
)

Method = SnowflakeConfiguration.AuthMethod


class SecretTextarea(forms.Textarea):
    """What was entered is not shown again, not even beside an error."""

    def format_value(self, value: Any) -> str | None:
        return None


class SecretInput(forms.PasswordInput):
    """A line of the same, which no browser fills in."""


class DestinationForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be set of a destination; a form that has less of it sets less. A new one's instance has its owner."""

    new_secret = forms.CharField(
        label="New secret",
        required=False,
        strip=False,
        max_length=LONGEST_SECRET,
        widget=SecretTextarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="A private key (PEM), token or password, for the method above. Empty: the stored one stays; a new "
        "destination with a key pair gets one that is made here.",
    )
    passphrase = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Opens the private key, where it has one; not kept.",
    )

    class Meta:
        model = SnowflakeConfiguration
        fields: ClassVar[tuple[str, ...]] = SETTINGS
        help_texts: ClassVar[dict[str, str]] = {
            "min_interval": "Hours:minutes:seconds; " + model._meta.get_field("min_interval").help_text,  # noqa: SLF001
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:  # noqa: SLF001 - Django's
            self.initial.setdefault("auth_method", Method.KEY_PAIR)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        draft = copy(self.instance)
        if "user" in cleaned:
            draft.user = cleaned["user"]
        names, secret = [name for name in SETTINGS if name in cleaned], self.secret()
        try:
            apply_settings(draft, {name: cleaned[name] for name in names}, secret)
            if secret is None and "auth_method" in cleaned and draft.auth_method != Method.AUTO:
                check_there_is_a_secret(draft)
            check_other_destinations(draft)
        except FieldError as error:
            self.refuse(error)
            return cleaned
        return cleaned | {name: getattr(draft, name) for name in names}

    def refuse(self, error: FieldError) -> None:
        """Shows it at its field; at that of the secret, or at none, if the form has no such field."""
        self.add_error(next((name for name in (error.field, "new_secret") if name in self.fields), None), error.message)

    def secret(self) -> Secret | None:
        """What was entered."""
        value = self.cleaned_data.get("new_secret")
        return (
            Secret(self.cleaned_data["auth_method"], value, self.cleaned_data.get("passphrase", "")) if value else None
        )

    @property
    def sent(self) -> dict[str, Any]:
        """The settings that were changed: the rest of the row is the workers', and may be old by now."""
        return {name: self.cleaned_data[name] for name in SETTINGS if name in self.changed_data}
