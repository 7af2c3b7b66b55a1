"""Filters whose choices are known without a look at the rows."""

from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from sync.errors import CATALOGUE
from sync.models import SyncQueueItem

OUTCOMES = ("completed", "failed", "retry", "paused", "skipped", "released", "rescued", "refused")


class OutcomeFilter(SimpleListFilter):
    """How an attempt ended."""

    title = "outcome"
    parameter_name = "outcome"
    values: ClassVar[tuple[str, ...]] = OUTCOMES

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.values]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class ErrorCodeFilter(OutcomeFilter):
    """A code of the catalogue."""

    title = "error code"
    parameter_name = "error_code"
    values = tuple(sorted(CATALOGUE))


class SyncedFilter(OutcomeFilter):
    """What became of an execution in Snowflake."""

    title = "in Snowflake"
    parameter_name = "snowflake_status"
    values = tuple(SyncQueueItem.Status.values)


class CompletedFilter(OutcomeFilter):
    """Whether an execution has completed: what else its status may be is the application's."""

    title = "status"
    parameter_name = "completed"
    values = ("yes", "no")

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "completed"), ("no", "anything else")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.values:
            return queryset
        return queryset.filter(status="completed") if self.value() == "yes" else queryset.exclude(status="completed")
