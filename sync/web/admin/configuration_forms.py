"""The form of a destination: its settings, and a secret that is written, never shown."""

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


class ConfigurationForm(forms.ModelForm):
    """What may be set of a destination."""

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
        fields = ("user", *SETTINGS)
        help_texts: ClassVar[dict[str, str]] = {
            "min_interval": "Hours:minutes:seconds; " + model._meta.get_field("min_interval").help_text,  # noqa: SLF001
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:  # noqa: SLF001 - Django's
            self.initial.setdefault("auth_method", Method.KEY_PAIR)
        elif "user" in self.fields:
            # What waits for it is its user's, and would be loaded into somebody else's account.
            self.fields["user"].disabled = True
            self.fields["user"].help_text = "It stays this user's: make another one for somebody else."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        draft = copy(self.instance)
        draft.user = cleaned["user"]
        secret = self.secret()
        try:
            apply_settings(draft, {name: cleaned[name] for name in SETTINGS}, secret)
            if secret is None and draft.auth_method != Method.AUTO:
                check_there_is_a_secret(draft)
            check_other_destinations(draft)
        except FieldError as error:
            self.add_error(error.field if error.field in self.fields else "new_secret", error.message)
        return cleaned | {name: getattr(draft, name) for name in SETTINGS}

    def secret(self) -> Secret | None:
        """What was entered."""
        value = self.cleaned_data.get("new_secret")
        method = self.cleaned_data["auth_method"]
        return Secret(method, value, self.cleaned_data.get("passphrase", "")) if value else None
