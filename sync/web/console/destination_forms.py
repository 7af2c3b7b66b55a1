"""The forms about a destination: each has some of what `DestinationForm` has."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms

from accounts.models import SnowflakeConfiguration
from sync.reporting import duration
from sync.web.shared import DestinationForm

Method = SnowflakeConfiguration.AuthMethod

# Windows, and what they cost where results come all day: accounts.models says where the figures are from.
SCHEDULES = {
    timedelta(0): "At once: results that come all day keep an X-Small awake, up to 24 credits a day",
    timedelta(minutes=5): "Every 5 minutes: about 10 credits a day",
    timedelta(minutes=15): "Every 15 minutes: about 3 credits a day",
    timedelta(hours=1): "Every hour: about 1 credit a day",
}
METHODS = [(method.value, method.label) for method in Method if method is not Method.AUTO]
ACCOUNT = "For example MYORG-MYACCOUNT. The address of any of its pages in Snowsight will do as well."


class ConsoleForm(DestinationForm):
    """In the console's looks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        if "auth_method" in self.fields:
            self.fields["auth_method"].choices = METHODS  # type: ignore[attr-defined]


def _line(**attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attributes})


_NAMES = {name: _line() for name in ("account_identifier", "database", "schema", "warehouse", "role", "username")}


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

    new_secret = None  # type: ignore[assignment]
    passphrase = None  # type: ignore[assignment]
    min_interval = forms.TypedChoiceField(label="Schedule", coerce=lambda text: timedelta(seconds=int(text)))

    class Meta(DestinationForm.Meta):
        fields = (
            *("name", "account_identifier", "username", "role", "warehouse", "database", "schema"),
            *("layout", "identifier_case", "min_interval", "freshness_minutes", "secret_ends_on"),
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
