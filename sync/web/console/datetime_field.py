"""A date, or a date and a time, as somebody writes it in a form or an address."""

from datetime import datetime
from typing import Any

from django import forms

from sync.reporting import in_utc


class UtcDateTimeField(forms.DateTimeField):
    """A moment. A time that names no zone is meant in the viewer's, as pages show it."""

    default_error_messages = {  # noqa: RUF012 - Django's
        "invalid": "This is no date or time: write 2026-01-31 or 2026-01-31T14:30, in your time zone or with another."
    }

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str) and "T" in value:
            # A plus sign that was not encoded in an address has become a space.
            value = value.replace(" ", "+")
        found: datetime | None = super().to_python(value)
        try:
            return found and in_utc(found)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
