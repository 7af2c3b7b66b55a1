"""The rules of a destination as a form: a row a rule, checked as documents are, with what is wrong at its field."""

import json
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.models import SyncRule, SyncRuleVersion
from sync.operations import rules_of
from sync.rules import RulesError, RuleSet, documents, from_text, of_version, ordered, read_rules, to_text

Document = dict[str, Any]

# A request has no more than 1,000 fields.
MOST = 100
BLANK = 2
# What of a document has a field of its own; all else is in the text.
_APART = ("name", "kind", "workflow", "note", "enabled")


class RuleForm(forms.Form):
    """One rule. What it does is written as in its document, as YAML."""

    position = forms.IntegerField(
        label="Order", required=False, min_value=-1_000_000, max_value=1_000_000, widget=forms.NumberInput
    )
    enabled = forms.BooleanField(label="On", required=False, initial=True)
    name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    kind = forms.ChoiceField(choices=[("", "choose"), *SyncRule.Kind.choices])
    workflow = forms.CharField(
        label="Workflow", required=False, initial="*", max_length=500, help_text="Its workflow_id; * for any characters"
    )
    settings = forms.CharField(
        label="What it does",
        required=False,
        strip=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"}),
    )
    note = forms.CharField(required=False, max_length=1_000, help_text="For people")

    @property
    def brief(self) -> str:
        """Kind, workflows and what it does, on one line, as far as it is written."""
        workflow = str(self["workflow"].value() or "*")
        lines = [line.strip() for line in str(self["settings"].value() or "").splitlines() if line.strip()]
        does = "; ".join(lines).replace(":; ", ": ")
        return " · ".join(filter(None, [self.kind_words, workflow if workflow != "*" else "", does]))

    @property
    def title(self) -> str:
        return str(self["name"].value() or "A new rule")

    @property
    def kind_words(self) -> str:
        return dict(SyncRule.Kind.choices).get(self["kind"].value(), "")

    @property
    def inner_fields(self) -> list[forms.BoundField]:
        """Those that are seen once a rule is opened."""
        return [self[name] for name in ("name", "kind", "workflow", "settings", "note")]

    @property
    def is_wrong(self) -> bool:
        return self.is_bound and bool(self.errors)

    @property
    def is_open(self) -> bool:
        """What is wrong is seen at once, and so is what was written of a new rule."""
        return self.is_wrong or (self.is_bound and self.empty_permitted and self.has_changed())

    def document(self) -> Document | None:
        """What the row says; None if it says nothing, or something that cannot be read."""
        if self.errors or self.cleaned_data.get("DELETE") or not self.cleaned_data.get("name"):
            return None
        said = {name: self.cleaned_data[name] for name in _APART}
        said["workflow"] = said["workflow"] or "*"
        return {**said, **self.cleaned_data["settings"]}

    def clean_settings(self) -> Document:
        try:
            found = from_text(self.cleaned_data["settings"].replace("\r\n", "\n"))
        except RulesError as error:
            raise ValidationError([said for _, said in error.problems]) from None
        if not isinstance(found, dict | None):
            raise ValidationError("It has to be keys with values, like the examples.")
        if apart := [name for name in _APART if name in (found or {})]:
            raise ValidationError(f"This has a field of its own beside it: {', '.join(apart)}.")
        return found or {}


class BaseRules(forms.BaseFormSet):
    """All rules of a destination. The version that the page was opened with goes along.

    `documents`: what stands in it, once it is valid. `wanted`: what to put in place of the rules then; None: nothing,
    they were not changed here.
    `stale`: somebody else changed them meanwhile.
    """

    # The admin asks each of its inlines.
    new_objects: Sequence[Any] = ()
    changed_objects: Sequence[Any] = ()
    deleted_objects: Sequence[Any] = ()

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        prefix: str,
        instance: SnowflakeConfiguration,
        queryset: QuerySet[SyncRule] | None = None,
        save_as_new: bool = False,
        stale: Exception | None = None,
    ) -> None:
        self.configuration, self.stale = instance, stale
        self.unreadable: SyncError | None = None
        self.documents: list[Document] = []
        self.wanted: list[Document] | None = None
        try:
            self.there = RuleSet() if instance._state.adding else rules_of(instance.pk)  # noqa: SLF001 - Django's
        except SyncError as error:
            self.there, self.unreadable = RuleSet(), error
        # A form without rules, as whoever does not know of them sends it, leaves them as they are.
        is_sent = self.can_be_changed and data is not None and f"{prefix}-{forms.formsets.TOTAL_FORM_COUNT}" in data
        # What was sent is not held against the rules of this moment: there may be others by now.
        rows = None if is_sent else self._rows()
        super().__init__(data if is_sent else None, files if is_sent else None, prefix=prefix, initial=rows)

    @classmethod
    def get_default_prefix(cls) -> str:
        return "rules"

    def get_queryset(self) -> tuple[()]:
        """The admin asks its inlines: there are no rows of a table behind these."""
        return ()

    @property
    def are_too_many(self) -> bool:
        return len(self.there.rules) > MOST

    @property
    def can_be_changed(self) -> bool:
        return not (self.are_too_many or self.unreadable)

    @property
    def version(self) -> int:
        """The one that the page was opened with."""
        return self._number("version", self.there.version)

    @property
    def expected(self) -> int:
        """The version that is to be replaced: the one that was seen, or a later one that somebody knows of."""
        return self._number("over", self.version)

    @property
    def latest(self) -> SyncRuleVersion | None:
        return SyncRuleVersion.objects.filter(configuration=self.configuration.pk).order_by("-version").first()

    def is_valid(self) -> bool:
        return not self.is_bound or super().is_valid()

    def clean(self) -> None:
        rows = [(form, document) for form in self._in_order() if (document := form.document()) is not None]
        try:
            self.documents = documents(read_rules([document for _, document in rows]))
        except RulesError as error:
            for (number, *inner), said in (problem for problem in error.problems if problem[0]):
                _tell(rows[int(number)][0], inner, said)
            if unplaced := [said for place, said in error.problems if not place]:
                raise ValidationError(unplaced) from None
            return
        # As JSON: in Python, 1, 1.0 and True would be the same.
        if self.expected != self.version or json.dumps(self.documents) != json.dumps(self._seen()):
            self.wanted = self.documents
        if self.stale:
            raise ValidationError(str(self.stale))

    def _rows(self) -> list[Document]:
        if not self.can_be_changed:
            return []
        return [_row(place, document) for place, document in enumerate(documents(self.there.rules), 1)]

    def _seen(self) -> list[Document] | None:
        """The rules of the version that the page was opened with."""
        try:
            return documents(of_version(self.configuration.pk, self.version).rules)
        except SyncError:
            return None

    def _in_order(self) -> list[RuleForm]:
        """The rows by their numbers; those of the same number, and those without, as they stand there."""
        rows = [form for form in self.forms if not form.errors]
        last = float("inf")
        return sorted(
            rows, key=lambda form: number if (number := form.cleaned_data.get("position")) is not None else last
        )

    def _number(self, name: str, otherwise: int) -> int:
        return version_in(self.data.get(f"{self.prefix}-{name}"), otherwise) if self.is_bound else otherwise


RulesFormSet = cast(
    "type[BaseRules]",
    forms.formset_factory(RuleForm, BaseRules, extra=BLANK, can_delete=True, max_num=MOST, absolute_max=MOST + 50),
)


def version_in(sent: object, otherwise: int) -> int:
    """The version of the rules that a form has sent along."""
    given = str(sent)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else otherwise


def _row(place: int, document: Document) -> Document:
    settings = {name: value for name, value in document.items() if name not in _APART}
    shown = {name: document[name] for name in _APART if name in document}
    return {"position": place, "settings": to_text(ordered(settings)) if settings else "", **shown}


def _tell(form: RuleForm, inner: Sequence[str | int], said: str) -> None:
    """Puts what is wrong to the field that it stands in."""
    first = str(inner[0]) if inner else ""
    if first in _APART:
        form.add_error(first, said)
    else:
        form.add_error("settings", f"{'.'.join(map(str, inner))}: {said}" if inner else said)
