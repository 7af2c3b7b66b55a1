"""What the pages that ask before they change many items get back."""

from django import forms

from sync.services.confirmation import Mark


class Confirmed(forms.Form):
    """What a confirmation page sends back: what was counted, and how far it has come."""

    as_of = forms.DateTimeField()
    wanted = forms.IntegerField(min_value=1)
    mark_at = forms.DateTimeField(required=False)
    mark_id = forms.UUIDField(required=False)

    @property
    def mark(self) -> Mark | None:
        at, id_ = self.cleaned_data["mark_at"], self.cleaned_data["mark_id"]
        return Mark(at, id_) if at and id_ else None
