"""A destination's rules in the stock form: a row a rule, checked and saved as one version, as everywhere else."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse

from accounts.models import SnowflakeConfiguration
from sync.models import SyncRule
from sync.operations import change_rules, check_rules, let_go, rules_of
from sync.rules import RulesError, read_rules
from sync.web.admin.base import PATIENCE
from sync.web.shared import whole_number

# A request has no more than 1,000 fields, and a row has ten.
MOST = 80
_APART = ("name", "kind", "workflow", "note")


class RuleForm(forms.ModelForm):
    """One rule. The version that the page was opened with goes along with each."""

    position = forms.IntegerField(label="Order", required=False)
    settings = forms.JSONField(
        label="What it does",
        required=False,
        initial=dict,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 50, "spellcheck": "false"}),
        help_text='As in its document, as JSON: {"action": "drop", "columns": ["note"]}',
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = SyncRule
        fields = ("position", "is_active", "name", "kind", "workflow", "settings", "note")
        labels = {"is_active": "On"}  # noqa: RUF012 - Django's
        widgets = {"note": forms.TextInput, "name": forms.TextInput, "workflow": forms.TextInput}  # noqa: RUF012

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != "version"]

    def document(self) -> dict[str, Any] | None:
        """None if it is to be deleted, or was left empty."""
        said = self.cleaned_data
        if said.get("DELETE") or not said.get("name"):
            return None
        return {**(said["settings"] or {}), **{name: said[name] for name in _APART}, "enabled": said["is_active"]}

    def clean_settings(self) -> object:
        found = self.cleaned_data["settings"] or {}
        if not isinstance(found, dict):
            raise ValidationError("It has to be an object, keys with values.")
        return found


class RulesFormSet(BaseInlineFormSet):
    """`documents`: what stands in it, in its order, once it is valid.

    A form that was sent without rules, as whoever does not know of them sends it, leaves them as they are.
    """

    forms: list[RuleForm]  # type: ignore[assignment]

    def __init__(self, data: Any = None, files: Any = None, *, prefix: str, **kwargs: Any) -> None:
        knows = data is not None and f"{prefix}-TOTAL_FORMS" in data
        super().__init__(data if knows else None, files if knows else None, prefix=prefix, **kwargs)

    def is_valid(self) -> bool:
        return not self.is_bound or super().is_valid()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "initial": {"version": rules_of(self.instance.pk).version}}

    def clean(self) -> None:
        there = rules_of(self.instance.pk).version
        if self.has_changed() and self.version != there:
            raise ValidationError(
                f"Somebody changed the rules meanwhile: they are at version {there}. Nothing was saved. Open the page "
                "anew in another window, and take over what you have written here."
            )
        rows = [(form, said) for form in self._in_order() if (said := form.document())]
        self.documents = [said for _, said in rows]
        try:
            read_rules(self.documents)
        except RulesError as error:
            for place, wrong in error.problems:
                self._tell([form for form, _ in rows], place, wrong)

    @property
    def version(self) -> int:
        """The one that the page was opened with."""
        return whole_number(self.forms[0]["version"].value() if self.forms else "", -1)

    def _in_order(self) -> list[RuleForm]:
        """By their numbers; those of the same number, and those without, as they stand there."""
        last, rows = float("inf"), [form for form in self.forms if not form.errors]
        return sorted(
            rows, key=lambda form: last if (place := form.cleaned_data.get("position")) is None else float(place)
        )

    def _tell(self, rows: list[RuleForm], place: tuple[str | int, ...], said: str) -> None:
        if not place:
            raise ValidationError(said)
        number, *inner = place
        field = str(inner[0]) if inner and inner[0] in _APART else "settings"
        rows[int(number)].add_error(field, said if field != "settings" else ": ".join([*map(str, inner), said]))


class RulesInline(admin.StackedInline):
    """Whoever may change a destination may change its rules; whoever may view it sees them."""

    model = SyncRule
    form = RuleForm
    formset = RulesFormSet
    extra = 2
    verbose_name_plural = "rules, in the order in which they are followed"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._destinations.has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._destinations.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._destinations.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._destinations.has_change_permission(request, obj)

    @property
    def _destinations(self) -> admin.ModelAdmin:
        return self.admin_site.get_model_admin(SnowflakeConfiguration)


def _number(about: SnowflakeConfiguration) -> int:
    return int(SyncRule.objects.filter(configuration=about.pk).count())


class RulesOnPage(admin.ModelAdmin):
    """The page of a destination, with its rules; of one that is there, and has no more of them than a page holds."""

    def get_inlines(
        self, request: HttpRequest, obj: SnowflakeConfiguration | None
    ) -> tuple[type[admin.StackedInline], ...]:
        return (RulesInline,) if obj and _number(obj) <= MOST else ()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: SnowflakeConfiguration | None = None,
    ) -> HttpResponse:
        if obj and (number := _number(obj)) > MOST:
            messages.info(request, f"It has {number:,} rules, more than fit here: they are on its page Data.")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        if not isinstance(formset, RulesFormSet):
            super().save_formset(request, form, formset, change)
            return
        # The history of the page asks; the log of who changed what has it from the operation.
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        if formset.is_bound and formset.has_changed():
            about, author = form.instance, request.user.get_username()
            made = change_rules(
                about.pk, formset.documents, author=author, expected_version=formset.version, lets_go=False
            )
            # What was held goes on once the rules are committed, and what is said is counted by them.
            transaction.on_commit(partial(let_go, about.pk, made), robust=True)
            transaction.on_commit(partial(self._tell, request, about), robust=True)

    def _tell(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        for finding in check_rules(about, rules_of(about.pk), seconds=PATIENCE):
            if finding.level != "information":
                messages.warning(request, f"Rule “{finding.rule}” {finding.said}")
