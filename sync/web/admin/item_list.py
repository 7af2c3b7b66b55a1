"""The queue as a list that stays quick: which rows it has, how many, and the filters beside it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.admin import ListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from sync.models import SyncAttempt, SyncQueueItem
from sync.web.admin.bounded import AT_MOST, BoundedChangeList, Row
from sync.web.admin.item_query import PARAMETERS, AdminQuery

Status = SyncQueueItem.Status
EXCLUDED = "excluded_by_rule"
# Of each status, where all are shown.
OF_EACH = 1_000


class ItemChangeList(BoundedChangeList):
    """Of each status the latest, as far as an index knows them."""

    item_query: AdminQuery

    def get_results(self, request: HttpRequest) -> None:
        self.item_query = AdminQuery(request.GET)
        super().get_results(request)

    def chosen(self, _request: HttpRequest, names: Sequence[str]) -> list[Row]:
        status = self.item_query.status
        limit = AT_MOST if status else OF_EACH
        by_attempts = not self.item_query.is_narrow and _has_attempts(limit)
        parts: list[QuerySet[Any, Any]] = [
            part.values_list("pk", *names, "status")[:limit]
            for each in ([Status(status)] if status else Status)
            for part in _parts(self.item_query.what.items, each, limit, by_attempts=by_attempts)
        ]
        rows: list[Row] = list(parts[0].union(*parts[1:], all=True))
        numbers = Counter(row[-1] for row in rows)
        # Among the last attempts there may be none of what else has completed.
        self.capped = max(numbers.values(), default=0) >= limit or (by_attempts and Status.COMPLETED in numbers)
        return rows


def _has_attempts(number: int) -> bool:
    return SyncAttempt.objects.order_by("-pk")[number - 1 : number].exists()


def _parts(
    items: QuerySet[SyncQueueItem], status: SyncQueueItem.Status, limit: int, *, by_attempts: bool
) -> Iterator[QuerySet[Any]]:
    """Items of a status, put as the queue's own partial indexes have them."""
    items = items.filter(status=status)
    wheres: tuple[Q, ...] = (Q(),)
    if status == Status.PENDING:
        routed = Q(configuration__isnull=False)
        wheres = (
            Q(configuration__isnull=True),
            routed & Q(batch_key__isnull=True),
            routed & Q(batch_key__isnull=False),
        )
    elif status == Status.COMPLETED and by_attempts:
        # No index knows when items completed; their attempts are in order.
        wheres = (Q(pk__in=SyncAttempt.objects.order_by("-pk").values("item")[:limit]),)
    order = ("-updated_at",) if status == Status.FAILED else ()
    for where in wheres:
        yield items.filter(where).order_by(*order)


class StatusFilter(ListFilter):
    """Links, one a status."""

    title = "status"
    template = "admin/sync/syncqueueitem/status_filter.html"
    parameters: tuple[str, ...] = ("status",)

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameters:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [*self.parameters]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The list asks `AdminQuery`, which knows all parameters together."""
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        chosen = self.used_parameters.get("status", "")
        excluded = isinstance(changelist, ItemChangeList) and changelist.item_query.error_code == EXCLUDED
        # Whoever goes on from what is excluded means other codes, too.
        other = {"error_code": None} if excluded else {}
        for value, label in [("", "all"), *Status.choices]:
            yield {
                "selected": chosen == value and not excluded,
                "query_string": changelist.get_query_string({"status": value or None, **other}),
                "display": label,
            }
        wanted = {"status": Status.SKIPPED.value, "error_code": EXCLUDED}
        query = changelist.get_query_string(wanted)
        yield {"selected": excluded, "query_string": query, "display": "excluded by rules"}


class NarrowFilter(StatusFilter):
    """A form for the rest: it names what is looked for, rather than list all users and destinations."""

    title = "code, destination, user or date"
    template = "admin/sync/syncqueueitem/narrow_filter.html"
    parameters = PARAMETERS

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        query = changelist.item_query if isinstance(changelist, ItemChangeList) else AdminQuery({})
        yield {
            "fields": [query.form[name] for name in PARAMETERS],
            "kept": {name: value for name, value in query.parameters.items() if name not in PARAMETERS},
        }
