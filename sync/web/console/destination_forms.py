"""The forms about a destination: each has some of what `DestinationForm` has."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms

from accounts.models import SnowflakeConfiguration
from sync.destinations import LONGEST_SECRET, FieldError, Secret
from sync.reporting import duration
from sync.web.shared import DestinationForm, SecretInput

Method = SnowflakeConfiguration.AuthMethod

# Windows, and what they cost where results come all day: accounts.models says where the figures are from.
SCHEDULES = {
    timedelta(0): "At once: up to 24 credits a day",
    timedelta(minutes=5): "Every 5 minutes: about 10 credits a day",
    timedelta(minutes=15): "Every 15 minutes: about 3 credits a day",
    timedelta(hours=1): "Every hour: about 1 credit a day",
}
METHODS = [(method.value, method.label) for method in Method if method is not Method.AUTO]
KEPT = "Empty: the stored one stays."
MADE = "Empty: a pair is made here."
ACCOUNT = "For example MYORG-MYACCOUNT. The address of any of its pages in Snowsight will do as well."


class ConsoleForm(DestinationForm):
    """In the console's looks: a private key has a field of its own, and what is a line has another."""

    new_line = forms.CharField(
        label="Password or token",
        required=False,
        strip=False,
        max_length=LONGEST_SECRET,
        widget=SecretInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "input"
        if "auth_method" in self.fields:
            stored = self.instance.method_in_use()
            self.fields["auth_method"].choices = METHODS  # type: ignore[attr-defined]
            self.initial["auth_method"] = stored or self.initial["auth_method"]
            self.fields["new_secret"].label = "Private key (PEM)"
            is_new = self.instance._state.adding  # noqa: SLF001 - Django's
            self.fields["new_secret"].help_text = MADE if is_new else KEPT if stored == Method.KEY_PAIR else ""
            self.fields["new_line"].help_text = KEPT if stored and stored != Method.KEY_PAIR else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        mine, other = self._fields()
        if not self.errors and cleaned.get(other) and not cleaned.get(mine):
            self.add_error(mine, "This is empty: what was entered is for another method.")
        return cleaned

    def secret(self) -> Secret | None:
        """What was entered in the field of the method."""
        value = self.cleaned_data.get(self._fields()[0])
        if not value:
            return None
        return Secret(self.cleaned_data["auth_method"], value, self.cleaned_data.get("passphrase", ""))

    def _fields(self) -> tuple[str, str]:
        """The field of the secret of the method, and that of other methods."""
        is_key = self.cleaned_data.get("auth_method") == Method.KEY_PAIR
        return ("new_secret", "new_line") if is_key else ("new_line", "new_secret")

    def refuse(self, error: FieldError) -> None:
        """Shows it at its field, as a password or token at theirs."""
        is_line = error.field in ("password", "token")
        super().refuse(FieldError("new_line", error.message) if is_line else error)


def _line(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attributes})


_NAMES = {
    name: _line()
    for name in ("account_identifier", "database", "schema", "warehouse", "role", "username", "catalogue_name")
}


class ConnectForm(ConsoleForm):
    """What a new destination needs; the key pair is made here unless somebody brings another secret."""

    class Meta(DestinationForm.Meta):
        fields = ("account_identifier", "database", "schema", "warehouse", "username", "role", "name", "auth_method")
        widgets: ClassVar[dict[str, forms.Widget]] = {**_NAMES, "name": _line()}
        labels: ClassVar[dict[str, str]] = {"auth_method": "Method", "username": "User in Snowflake"}
        help_texts: ClassVar[dict[str, str]] = {
            "account_identifier": ACCOUNT,
            "database": "The SQL of the next step makes it if it is not there.",
            "warehouse": "It runs the loads. The SQL makes an X-Small that sleeps after a minute, if it is not there.",
            "username": "The user that logs in; the SQL makes one that has no password.",
            "name": "As you want to find it again; empty: account and schema.",
        }


class SettingsForm(ConsoleForm):
    """Everything but the way in."""

    new_line = None  # type: ignore[assignment]
    new_secret = None  # type: ignore[assignment]
    passphrase = None  # type: ignore[assignment]
    min_interval = forms.TypedChoiceField(label="Schedule", coerce=lambda text: timedelta(seconds=int(text)))

    class Meta(DestinationForm.Meta):
        fields = (
            *("name", "account_identifier", "username", "role", "warehouse", "database", "schema"),
            *("layout", "identifier_case", "min_interval", "freshness_minutes", "secret_ends_on"),
            *("catalogue_name", "makes_views", "deleted_results", "is_transient", "time_travel_days"),
        )
        widgets: ClassVar[dict[str, forms.Widget]] = {
            **_NAMES,
            "name": _line(),
            "secret_ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        labels: ClassVar[dict[str, str]] = {
            "username": "User in Snowflake",
            "freshness_minutes": "Minutes within which results are promised",
            "secret_ends_on": "The secret ends on",
            "catalogue_name": "Name of the catalogue",
            "makes_views": "Make views",
            "deleted_results": "Results of deleted executions",
            "is_transient": "Transient tables",
            "time_travel_days": "Days of Time Travel",
            "layout": "Tables",
            "identifier_case": "Names of columns and tables",
        }
        help_texts: ClassVar[dict[str, str]] = {"account_identifier": ACCOUNT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now: timedelta = self.instance.min_interval
        known = {now: f"Every {duration(now.total_seconds())}"} | SCHEDULES
        self.fields["min_interval"].choices = [  # type: ignore[attr-defined]
            (str(int(interval.total_seconds())), words) for interval, words in sorted(known.items())
        ]
        self.initial["min_interval"] = str(int(now.total_seconds()))


class WayInForm(ConsoleForm):
    """Another method, or another secret for it."""

    class Meta(DestinationForm.Meta):
        fields = ("auth_method", "private_key_slot")
        labels: ClassVar[dict[str, str]] = {"auth_method": "Method", "private_key_slot": "Where the key stands"}
