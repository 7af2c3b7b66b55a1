"""What the pages that ask before they change many items get back."""

from datetime import UTC, datetime

from django import forms
from django.core.validators import MaxValueValidator

from sync.operations import Mark
from sync.reporting import MomentField

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class Confirmed(forms.Form):
    """What a confirmation page sends back: what was counted, and how far it has come."""

    as_of = MomentField(validators=[MaxValueValidator(_NEVER)])
    wanted = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    mark_at = MomentField(required=False)
    mark_id = forms.UUIDField(required=False)

    @property
    def mark(self) -> Mark | None:
        at, id_ = self.cleaned_data["mark_at"], self.cleaned_data["mark_id"]
        return Mark(at, id_) if at and id_ else None
