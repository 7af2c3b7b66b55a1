"""A destination's form with its owner, as staff fill it in."""

from typing import Any

from accounts.models import SETTINGS
from sync.web.shared import DestinationForm


class ConfigurationForm(DestinationForm):
    class Meta(DestinationForm.Meta):
        fields = ("user", *SETTINGS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields and not self.instance._state.adding:  # noqa: SLF001 - Django's
            # What waits for it is its user's, and would be loaded into somebody else's account.
            self.fields["user"].disabled = True
            self.fields["user"].help_text = "It stays this user's: make another one for somebody else."
