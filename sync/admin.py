"""The admin's pages. History is read-only: rows of the queue are changed by sync.queue alone."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.errors import SyncError
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, SyncWorker, Workflow, WorkflowExecution
from sync.snowflake.account import address_for

admin.site.index_title = "What is queued, what is loaded, and where"


class ReadOnlyAdmin(admin.ModelAdmin):
    """What may be looked at and not changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


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


@admin.register(SyncQueueItem)
class SyncQueueItemAdmin(ReadOnlyAdmin):
    list_display = ("execution", "status", "user", "configuration", "retry_count", "error_code", "updated_at")
    list_filter = ("status", "error_code")
    list_select_related = ("user", "configuration")
    search_fields = ("execution__execution_id", "user__email")
    ordering = ("-updated_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncQueueItem]:
        return super().get_queryset(request).select_related("execution").defer(*_large("execution__"))


@admin.register(SyncAttempt)
class SyncAttemptAdmin(ReadOnlyAdmin):
    list_display = ("item", "outcome", "started_at", "finished_at", "row_count", "statement_count", "error_code")
    list_filter = ("outcome", "error_code")
    list_select_related = ("item",)
    ordering = ("-id",)


@admin.register(SyncWorker)
class SyncWorkerAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "started_at", "heartbeat_at", "stopped_at", "in_flight", "concurrency")
    ordering = ("-heartbeat_at",)


@admin.register(SyncTable)
class SyncTableAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "configuration", "execution_id", "seen_at")
    list_select_related = ("configuration",)
    search_fields = ("table_name", "execution_id")


@admin.register(Workflow)
class WorkflowAdmin(ReadOnlyAdmin):
    list_display = ("name", "workflow_id", "user")
    list_select_related = ("user",)
    search_fields = ("name", "workflow_id", "user__email")


@admin.register(WorkflowExecution)
class WorkflowExecutionAdmin(ReadOnlyAdmin):
    list_display = ("execution_id", "workflow", "status", "snowflake_status", "snowflake_table_name", "created_at")
    list_filter = ("status", "snowflake_status")
    list_select_related = ("workflow",)
    search_fields = ("execution_id", "workflow__name")
    exclude = ("result_rows", "result_columns")
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowExecution]:
        return super().get_queryset(request).defer(*_large())


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("email", "name", "is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "user_permissions", "last_login")
    readonly_fields = ("email", "name", "last_login")
    filter_horizontal = ("user_permissions",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Users are the application's to make."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    list_display = ("name", "user", "created", "expiry")
    list_select_related = ("user",)
    fields = ("name", "user", "created", "expiry")
    readonly_fields = ("user", "created")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A token is shown once, by create_api_token."""
        return False


def _large(prefix: str = "") -> tuple[str, ...]:
    """Results are never brought into a list."""
    return tuple(f"{prefix}{name}" for name in ("result_rows", "result_columns", "execution_parameters"))
