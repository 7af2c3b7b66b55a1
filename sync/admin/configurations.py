"""Destinations: where a user's results go, and the secret to log in with."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.snowflake.account import address_for


class SecretForm(forms.ModelForm):
    """Secrets are written, never shown."""

    new_secret = forms.CharField(
        label="New secret",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="A private key (PEM), token or password, for the method above. Empty: the stored one stays.",
    )

    class Meta:
        model = SnowflakeConfiguration
        fields: ClassVar[list[str]] = [
            "user",
            "name",
            "account_identifier",
            "warehouse",
            "database",
            "schema",
            "role",
            "username",
            "auth_method",
            "layout",
            "identifier_case",
            "min_interval",
            "is_active",
        ]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            name: forms.TextInput(attrs={"size": 50})
            for name in ("name", "account_identifier", "warehouse", "database", "schema", "role", "username")
        }

    def clean_account_identifier(self) -> str:
        account: str = self.cleaned_data["account_identifier"].strip()
        try:
            address_for(account)
        except SyncError as error:
            raise forms.ValidationError(error.happened) from None
        return account

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("new_secret") and cleaned.get("auth_method") == SnowflakeConfiguration.AuthMethod.AUTO:
            self.add_error("auth_method", "Say which kind of secret it is.")
        return cleaned


@admin.register(SnowflakeConfiguration)
class SnowflakeConfigurationAdmin(admin.ModelAdmin):
    form = SecretForm
    list_display = ("__str__", "user", "account_identifier", "database", "schema", "is_active", "breaker_state")
    list_filter = ("is_active", "breaker_state")
    list_select_related = ("user",)
    search_fields = ("name", "account_identifier", "user__email")
    autocomplete_fields = ("user",)
    readonly_fields = ("breaker_state", "breaker_reason", "breaker_until", "created_at", "updated_at")

    def save_model(
        self,
        request: HttpRequest,
        obj: SnowflakeConfiguration,
        form: SecretForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        changed = set(form.changed_data) - {"new_secret"}
        if secret := form.cleaned_data.get("new_secret"):
            changed |= {"auth_method", obj.set_secret(SnowflakeConfiguration.AuthMethod(obj.auth_method), secret)}
        # The rest of the row is the workers': what the form has read of it may be old by now.
        obj.save(update_fields=changed if change else None)
