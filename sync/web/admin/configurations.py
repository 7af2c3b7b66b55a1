"""Destinations: where a user's results go, the secret to log in with, and the rules of what goes there."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import TextField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import ENCRYPTED, SETTINGS, SnowflakeConfiguration
from sync.destinations import FieldError, NotDoneError, change_configuration, check_rate, create_configuration
from sync.reporting import availability_of
from sync.web.admin.base import SecretsStay
from sync.web.admin.rules import RulesOnPage
from sync.web.shared import DestinationForm, badge


class ConfigurationForm(DestinationForm):
    """With its owner, as staff fill it in."""

    class Meta(DestinationForm.Meta):
        fields = ("user", *SETTINGS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields and not self.instance._state.adding:  # noqa: SLF001 - Django's
            # What waits for it is its user's, and would be loaded into somebody else's account.
            self.fields["user"].disabled = True
            self.fields["user"].help_text = "It stays this user's: make another one for somebody else."


@admin.register(SnowflakeConfiguration)
class SnowflakeConfigurationAdmin(RulesOnPage, SecretsStay):
    """One is deleted in the console, which says first what goes along."""

    secret = ENCRYPTED
    of_others = ("stored_state__breaker_state__exact",)
    form = ConfigurationForm
    formfield_overrides: ClassVar[dict[Any, Any]] = {TextField: {"widget": forms.TextInput(attrs={"size": 50})}}
    list_display = ("__str__", "state", "user", "account_identifier", "database", "schema")
    list_filter = ("is_active", "stored_state__breaker_state")
    list_select_related = ("user",)
    search_fields = ("name", "account_identifier", "user__email")
    autocomplete_fields = ("user",)

    def view_on_site(self, configuration: SnowflakeConfiguration) -> str:
        return reverse("console:destination", args=[configuration.pk])

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display
    def state(self, configuration: SnowflakeConfiguration) -> SafeString:
        return badge(availability_of(configuration, timezone.now()))

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

    def save_model(self, request: HttpRequest, obj: SnowflakeConfiguration, form: Any, change: bool) -> None:  # noqa: FBT001
        secret = form.secret()
        if change:
            change_configuration(obj.pk, form.sent, secret)
        else:
            fields = {name: form.cleaned_data[name] for name in SETTINGS}
            obj.pk = create_configuration(form.cleaned_data["user"].pk, fields, secret).pk
            if secret is None:
                self._tell_of_key(request, obj)
        obj.refresh_from_db()

    def _tell_of_key(self, request: HttpRequest, configuration: SnowflakeConfiguration) -> None:
        said = format_html(
            'A key pair was made. Run the <a href="{}">SQL that lets it in</a> in Snowflake, then check.',
            reverse("console:let-in", args=[configuration.pk]),
        )
        self.message_user(request, said, messages.WARNING)
