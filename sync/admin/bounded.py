"""Lists and pages that stay quick whatever the tables hold: so many rows, so many seconds, and a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2.errors
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils.functional import cached_property

# Rows that a list has at most, and milliseconds that one of its statements may take.
AT_MOST = 10_000
PATIENCE = 3_000


class TooSlowError(Exception):
    """The database did not answer within the time that a page has."""


@contextmanager
def reading(milliseconds: int | None = None) -> Iterator[None]:
    """Statements in here end within so many milliseconds, PATIENCE by default. Raises TooSlowError."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds or PATIENCE)])
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, psycopg2.errors.QueryCanceled):
            raise
        raise TooSlowError from error


class BoundedPaginator(Paginator):
    """Counts to `limit`, and says where there are more."""

    limit = AT_MOST
    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return self._counted[0]

    @property
    def capped(self) -> bool:
        """Whether there are more than the list has."""
        return self._counted[1]

    @cached_property
    def _counted(self) -> tuple[int, bool]:
        return self._count()

    def _count(self) -> tuple[int, bool]:
        """Rows that the list has, and whether there may be more."""
        number = self.object_list.order_by().count()
        return number, number >= self.limit


class BoundedChangeList(ChangeList):
    """At most AT_MOST rows, chosen by `window`; sorted among themselves by whatever column one likes."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Model]:
        wanted = super().get_queryset(request, exclude_parameters)
        chosen = self.window(request, wanted.order_by().select_related(None))
        return self.apply_select_related(self.root_queryset.filter(pk__in=chosen)).order_by(*wanted.query.order_by)

    def window(self, _request: HttpRequest, wanted: QuerySet[Model]) -> QuerySet[Any]:
        """Primary keys of the rows that the list has: the first in an order that an index gives."""
        return wanted.order_by(*self.model_admin.window_order).values("pk")[:AT_MOST]  # type: ignore[attr-defined]

    @property
    def capped(self) -> bool:
        """Whether there are more than the list has."""
        return isinstance(self.paginator, BoundedPaginator) and self.paginator.capped

    @property
    def count_in_words(self) -> str:
        """`1 attempt`, `37 attempts`, `10,000+ attempts`."""
        names = self.opts.verbose_name if self.result_count == 1 and not self.capped else self.opts.verbose_name_plural
        return f"{self.result_count:,}{'+' if self.capped else ''} {names}"


def in_time(request: HttpRequest, view: Any, context: dict[str, Any]) -> HttpResponse:
    """What a view answers, rendered within its time; else a page that says that it was too slow."""
    try:
        with reading():
            response: HttpResponse = view()
            if isinstance(response, SimpleTemplateResponse):
                response.render()
            return response
    except TooSlowError:
        return TemplateResponse(request, "admin/sync/too_slow.html", context, status=503)
