"""The queue as a list that stays quick: which rows it has, how many, and the filters beside it."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

from django.contrib.admin import ListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest

from sync.admin.bounded import AT_MOST, BoundedChangeList, BoundedPaginator
from sync.admin.item_query import PARAMETERS, ItemQuery
from sync.models import SyncAttempt, SyncQueueItem
from sync.services.matching import matching

Status = SyncQueueItem.Status
# Of each status, where all are shown.
OF_EACH = 1_000


class ItemChangeList(BoundedChangeList):
    """Of each status the latest, as far as an index knows them."""

    item_query: ItemQuery
    by_attempts: bool
    paginator: "ItemPaginator"

    def window(self, request: HttpRequest, wanted: QuerySet[Model]) -> QuerySet[Any]:
        self.item_query = ItemQuery(request.GET)
        items = matching(self.item_query.what)
        status = self.item_query.status
        limit = AT_MOST if status else OF_EACH
        self.by_attempts = not self.item_query.is_narrow and _has_attempts(limit)
        parts = [
            part
            for each in ([Status(status)] if status else Status)
            for part in _parts(items, each, limit, by_attempts=self.by_attempts)
        ]
        return reduce(lambda one, other: one.union(other, all=True), parts)

    @property
    def capped(self) -> bool:
        """What completed is looked up among the last attempts, where there are many: there may be more of it."""
        return super().capped or (self.by_attempts and Status.COMPLETED in self.paginator.numbers)


class ItemPaginator(BoundedPaginator):
    """Knows its rows by status. `limit` is what is listed of each."""

    numbers: dict[str, int]

    def _count(self) -> tuple[int, bool]:
        lines = self.object_list.order_by().values_list("status").annotate(number=Count("pk"))
        self.numbers = dict(lines)
        return sum(self.numbers.values()), max(self.numbers.values(), default=0) >= self.limit


def _has_attempts(number: int) -> bool:
    return SyncAttempt.objects.order_by("-pk")[number - 1 : number].exists()


def _parts(
    items: QuerySet[SyncQueueItem], status: SyncQueueItem.Status, limit: int, *, by_attempts: bool
) -> Iterator[QuerySet[Any]]:
    """Items of a status, so many at most, put as the queue's own partial indexes have them."""
    items = items.filter(status=status)
    wheres: tuple[Q, ...] = (Q(),)
    if status == Status.PENDING:
        routed = Q(configuration__isnull=False)
        wheres = (Q(configuration__isnull=True), routed & Q(lane__isnull=True), routed & Q(lane__isnull=False))
    elif status == Status.COMPLETED and by_attempts:
        # No index knows when items completed; their attempts are in order.
        wheres = (Q(pk__in=SyncAttempt.objects.order_by("-pk").values("item")[:limit]),)
    order = ("-updated_at",) if status == Status.FAILED else ()
    for where in wheres:
        yield items.filter(where).order_by(*order).values("pk")[:limit]


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
        """The list asks `ItemQuery`, which knows all parameters together."""
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        chosen = self.used_parameters.get("status", "")
        for value, label in [("", "all"), *Status.choices]:
            yield {
                "selected": chosen == value,
                "query_string": changelist.get_query_string({"status": value or None}),
                "display": label,
                "status": value,
            }


class NarrowFilter(StatusFilter):
    """A form for the rest: it names what is looked for, rather than list all users and destinations."""

    title = "code, destination, user or date"
    template = "admin/sync/syncqueueitem/narrow_filter.html"
    parameters = PARAMETERS

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        query = changelist.item_query if isinstance(changelist, ItemChangeList) else ItemQuery({})
        yield {
            "fields": [query.form[name] for name in PARAMETERS],
            "kept": {name: value for name, value in query.parameters.items() if name not in PARAMETERS},
        }
