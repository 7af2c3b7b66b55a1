"""The rules on a destination's page: read, edited and saved with it, all of them as one version."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.models import SyncRule
from sync.operations import Changed, EarlierWorkerError, StaleRulesError, change_rules, check_rules, let_go
from sync.web.admin.rule_acts import LOOKING, meanings
from sync.web.admin.rule_forms import MOST, BaseRules, RulesFormSet


class RulesInline(admin.StackedInline):
    """Whoever may change a destination may change its rules; whoever may view it sees them."""

    model = SyncRule
    template = "admin/accounts/snowflakeconfiguration/rules_inline.html"
    most = MOST

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return RulesFormSet

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._destinations.has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self._destinations.has_add_permission(request)
        return self._destinations.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    @property
    def _destinations(self) -> admin.ModelAdmin:
        return self.admin_site.get_model_admin(SnowflakeConfiguration)


class RulesOnPage(admin.ModelAdmin):
    """The page of a destination, with its rules."""

    inlines = (RulesInline,)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view = super().changeform_view
        try:
            return view(request, *args, **kwargs)
        except (StaleRulesError, EarlierWorkerError) as stale:
            # Nothing was saved. The form once more, with what was written in it, and what happened.
            request.stale_rules = stale  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        found = super().get_formset_kwargs(request, obj, inline, prefix)
        return found | ({"stale": getattr(request, "stale_rules", None)} if isinstance(inline, RulesInline) else {})

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        if not isinstance(formset, BaseRules):
            super().save_formset(request, form, formset, change)
        elif formset.wanted is not None:
            author = request.user.get_username()
            changed = change_rules(
                form.instance.pk, formset.wanted, author=author, expected_version=formset.expected, lets_go=False
            )
            if changed.is_new:
                # What is counted is counted by what is committed.
                transaction.on_commit(partial(self._tell_what_they_mean, request, form.instance, changed), robust=True)

    def _tell_what_they_mean(self, request: HttpRequest, about: SnowflakeConfiguration, made: Changed) -> None:
        """What the rules mean now, each with a link to where something can be done about it."""
        changed = let_go(about.pk, made)
        rules = reverse("admin:accounts_snowflakeconfiguration_rules", args=[about.pk])
        link = format_html('<a href="{}">What they mean</a>', rules)
        said = format_html("The rules are at version {}. {} {}", changed.rules.version, changed.goes_on, link)
        messages.info(request, said)
        try:
            for finding in check_rules(about, changed.rules, seconds=LOOKING):
                if finding.level != "information":
                    messages.warning(request, f"Rule “{finding.rule}” {finding.said}")
            for meaning in meanings(about.pk, LOOKING):
                links = (
                    format_html(' <a href="{}">{}…</a>', reverse(meaning.act.address, args=[about.pk]), meaning.button)
                    if meaning.button and request.user.has_perm(meaning.act.may)
                    else ""
                )
                messages.info(request, format_html("{}{}", meaning.said, links))
        except SyncError as error:
            messages.error(request, str(error))
