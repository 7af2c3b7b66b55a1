"""The form of a destination: the API's rules, and secrets that are written, never shown."""

from typing import Any, ClassVar

from django import forms

from accounts.models import SnowflakeConfiguration
from sync.destinations import INTERVAL_COSTS, FieldError, Secret, check_other_destinations, clean, clean_secret

Method = SnowflakeConfiguration.AuthMethod
_NAMES = ("name", "account_identifier", "warehouse", "database", "schema", "role", "username")

_FIELDS = (
    "user",
    *_NAMES,
    "auth_method",
    "private_key_slot",
    "layout",
    "identifier_case",
    "min_interval",
    "is_active",
)


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
        max_length=20_000,
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
        fields: ClassVar[list[str]] = [*_FIELDS]
        widgets: ClassVar[dict[str, forms.Widget]] = {name: forms.TextInput(attrs={"size": 50}) for name in _NAMES}
        help_texts: ClassVar[dict[str, str]] = {
            "account_identifier": "organization-account, or the address of one of the account's pages.",
            "role": "Empty: the user's default role.",
            "min_interval": f"Hours:minutes:seconds; 0: at once. {INTERVAL_COSTS}",
            "private_key_slot": "Where the user has the public half of the private key.",
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
        try:
            cleaned |= clean({name: cleaned[name] for name in _FIELDS})
            self._clean_secret(cleaned)
            there = SnowflakeConfiguration(pk=self.instance.pk, user_id=cleaned["user"].pk)
            for name in ("account_identifier", "database", "schema"):
                setattr(there, name, cleaned[name])
            check_other_destinations(there)
        except FieldError as error:
            self.add_error(error.field if error.field in self.fields else "new_secret", error.message)
        return cleaned

    def fields_and_secret(self) -> tuple[dict[str, Any], Secret | None]:
        """What the form says, in the words of sync.destinations.configurations."""
        fields = {name: self.cleaned_data[name] for name in _FIELDS}
        fields["user_id"] = fields.pop("user").pk
        value = self.cleaned_data.get("new_secret")
        secret = Secret(fields["auth_method"], value, self.cleaned_data.get("passphrase", "")) if value else None
        return fields, secret

    def _clean_secret(self, cleaned: dict[str, Any]) -> None:
        method, value = cleaned["auth_method"], cleaned.get("new_secret")
        if value and method == Method.AUTO:
            raise FieldError("auth_method", "Say which kind of secret it is.")
        if value:
            clean_secret(method, value, cleaned.get("passphrase", ""))
        elif self.instance._state.adding and method != Method.KEY_PAIR:  # noqa: SLF001 - Django's
            raise FieldError("new_secret", "This method needs a secret.")
        elif not self.instance._state.adding and method != Method.AUTO and not self.instance.has_secret(method):  # noqa: SLF001
            raise FieldError("new_secret", "No secret of this kind is stored: enter one. “Keys” makes a key pair.")
