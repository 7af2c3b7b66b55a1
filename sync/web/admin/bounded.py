"""Lists and pages that stay quick whatever the tables hold: so many rows, so many seconds, and a message."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import InvalidPage, Paginator
from django.http import HttpRequest

# Rows that a list has at most, and seconds that one of its statements may take.
AT_MOST = 10_000
PATIENCE = 3.0

Row = Sequence[Any]


class BoundedChangeList(ChangeList):
    """At most AT_MOST rows, chosen by `chosen` in one query; sorted among themselves by whatever column one likes.

    The rows of the page are read by their keys.
    """

    capped = False

    def get_results(self, request: HttpRequest) -> None:
        # An action is told which rows it is for: it needs no list.
        keys = [] if request.method == "POST" else self._in_order(request)
        self.paginator = Paginator(keys, self.list_per_page)
        try:
            page = list(self.paginator.page(self.page_num).object_list)
        except InvalidPage:
            raise IncorrectLookupParameters from None
        found = self.apply_select_related(self.root_queryset).in_bulk(page)
        self.result_list = [found[key] for key in page if key in found]
        self.result_count = len(keys)
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = False
        self.show_admin_actions = True
        self.multi_page = len(keys) > self.list_per_page

    def chosen(self, _request: HttpRequest, names: Sequence[str]) -> list[Row]:
        """Primary keys of the rows that the list has, and these columns: the first in an order that an index gives."""
        first = self.queryset.order_by(*self.model_admin.window_order)  # type: ignore[attr-defined]
        return list(first.values_list("pk", *names)[:AT_MOST])

    def _in_order(self, request: HttpRequest) -> list[Any]:
        orders = [order for order in self.queryset.query.order_by if isinstance(order, str)]
        rows = self.chosen(request, [order.removeprefix("-") for order in orders])
        self.capped = self.capped or len(rows) >= AT_MOST
        for place, order in reversed([*enumerate(orders, start=1)]):
            rows.sort(key=lambda row: _comparable(row[place]), reverse=order.startswith("-"))
        return [row[0] for row in rows]

    @property
    def count_in_words(self) -> str:
        """`1 attempt`, `37 attempts`, `10,000+ attempts`."""
        names = self.opts.verbose_name if self.result_count == 1 and not self.capped else self.opts.verbose_name_plural
        return f"{self.result_count:,}{'+' if self.capped else ''} {names}"


def _comparable(value: Any) -> tuple[bool, Any]:
    """NULL last, letters without regard to case."""
    return value is None, value.casefold() if isinstance(value, str) else 0 if value is None else value
