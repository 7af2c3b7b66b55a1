"""Moments as somebody writes them, with any zone."""

from datetime import UTC, datetime
from typing import Any

from django import forms


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC: PostgreSQL knows no zone that is 16 hours or more away from it.

    Raises ValueError where that is before the year 1 or after 9999.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment} is no moment in UTC") from None


class MomentField(forms.DateTimeField):
    """A moment, in UTC where it names no zone."""

    default_error_messages = {  # noqa: RUF012 - Django's
        "invalid": "This is no date or time: write 2026-01-31 or 2026-01-31T14:30, UTC unless it names a zone."
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
