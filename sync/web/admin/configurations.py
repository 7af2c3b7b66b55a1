"""Destinations: where a user's results go, and the secret to log in with."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet, TextField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import ENCRYPTED, SETTINGS, DestinationState, SnowflakeConfiguration
from sync.destinations import (
    FieldError,
    NotDoneError,
    change_configuration,
    check_rate,
    create_configuration,
    delete_configuration,
)
from sync.models import SyncQueueItem
from sync.reporting import availability_of, ends_pause
from sync.web.admin.base import SecretsStay
from sync.web.admin.columns import column
from sync.web.admin.configuration_forms import ConfigurationForm
from sync.web.admin.rules import RulesOnPage
from sync.web.shared import DASH, badge, exact

STATE = column(
    "state", "", lambda row: badge(availability_of(row, timezone.now())), order="stored_state__breaker_state"
)


def _next_try(state: DestinationState) -> str:
    if state.breaker_state == DestinationState.Breaker.CLOSED:
        return "not paused"
    if state.breaker_until is None:
        return "not before something changes, a check passes, or somebody resumes it"
    return exact(state.breaker_until)


@admin.register(SnowflakeConfiguration)
class SnowflakeConfigurationAdmin(RulesOnPage, SecretsStay):
    secret = ENCRYPTED
    of_others = ("stored_state__breaker_state__exact",)
    form = ConfigurationForm
    formfield_overrides: ClassVar[dict[Any, Any]] = {TextField: {"widget": forms.TextInput(attrs={"size": 50})}}
    change_form_template = "admin/accounts/snowflakeconfiguration/change_form.html"
    list_display = ("__str__", STATE, "user", "account_identifier", "database", "schema")
    list_filter = ("is_active", "stored_state__breaker_state")
    list_select_related = ("user",)
    search_fields = ("name", "account_identifier", "user__email")
    autocomplete_fields = ("user",)
    readonly_fields: ClassVar[Any] = (
        STATE,
        column("breaker_reason", "state__breaker_reason", lambda reason: reason or DASH),
        column("what_to_do", "", lambda row: ends_pause(row) or DASH, order=""),
        column("next_try", "state", _next_try),
        column("last_login_at", "state__last_login_at", exact),
        column("last_check_at", "state__last_check_at", exact),
        "created_at",
        "updated_at",
    )

    def get_fields(self, request: HttpRequest, obj: SnowflakeConfiguration | None = None) -> Any:
        """One that is not made yet has no state, and no times."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name not in self.readonly_fields]

    # The form holds a secret: no error report shows any of the request's values.
    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if request.method == "POST":
                check_rate("configure", request.user.pk)
            return super().changeform_view(request, *args, **kwargs)
        except (FieldError, NotDoneError) as error:
            # Somebody else made or changed a destination a moment ago, or somebody makes too many.
            self.message_user(request, f"Nothing was saved. {error}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(
        self,
        request: HttpRequest,
        obj: SnowflakeConfiguration,
        form: ConfigurationForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        secret = form.secret()
        if change:
            change_configuration(obj.pk, form.sent, secret)
        else:
            fields = {name: form.cleaned_data[name] for name in SETTINGS}
            saved = create_configuration(form.cleaned_data["user"].pk, fields, secret)
            obj.pk = saved.pk
            if secret is None:
                self._tell_of_key(request, saved)
        obj.refresh_from_db()

    def _tell_of_key(self, request: HttpRequest, configuration: SnowflakeConfiguration) -> None:
        said = format_html(
            'A key pair was made. Run the <a href="{}">SQL that lets it in</a> in Snowflake, then check.',
            reverse("console:let-in", args=[configuration.pk]),
        )
        self.message_user(request, said, messages.WARNING)

    def get_deleted_objects(
        self, objs: "QuerySet[SnowflakeConfiguration] | Any", request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """In figures: Django would read every queue item."""
        told, items = [], 0
        for configuration in objs:
            number = SyncQueueItem.objects.filter(configuration=configuration).count()
            items += number
            told.append(
                f"{configuration}, with its {number:,} queue items and their attempts. Tables in Snowflake stay."
            )
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return told, {"Snowflake configurations": len(told), "queue items": items}, missing, []

    def delete_model(self, request: HttpRequest, obj: SnowflakeConfiguration) -> None:
        delete_configuration(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SnowflakeConfiguration]) -> None:
        for configuration in queryset:
            delete_configuration(configuration.pk)
