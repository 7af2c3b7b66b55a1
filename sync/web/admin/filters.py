"""Filters whose choices are known without a look at the rows."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from sync.errors import CATALOGUE
from sync.models import SyncQueueItem

OUTCOMES = ("completed", "failed", "retry", "paused", "skipped", "removed", "released", "rescued", "refused")


def choice_filter(field: str, name: str, values: Iterable[str]) -> type[SimpleListFilter]:
    """Of a field that has one of these values."""

    class ChoiceFilter(SimpleListFilter):
        title, parameter_name, choices_known = name, field, [(value, value) for value in values]

        def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
            return self.choices_known

        def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return ChoiceFilter


OutcomeFilter = choice_filter("outcome", "outcome", OUTCOMES)
ErrorCodeFilter = choice_filter("error_code", "error code", sorted(CATALOGUE))
SyncedFilter = choice_filter("snowflake_status", "in Snowflake", SyncQueueItem.Status.values)


class CompletedFilter(SimpleListFilter):
    """Whether an execution has completed: what else its status may be is the application's."""

    title = "status"
    parameter_name = "completed"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "completed"), ("no", "anything else")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        completed = {"yes": queryset.filter, "no": queryset.exclude}.get(self.value() or "")
        return completed(status="completed") if completed else queryset
