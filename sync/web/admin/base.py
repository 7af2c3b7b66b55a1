"""What the pages have in common: no guesses about secrets, no whole tables, and the way to the console."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from sync.postgres import TooSlowError, bounded_reading
from sync.reporting import BACKFILL, RETRY, VIEW

# Rows that a list has at most, and seconds that one of its statements may take.
AT_MOST = 1_000
PATIENCE = 3.0
# Results are never brought into a list or a form.
LARGE = ("result_rows", "result_columns", "execution_parameters")


class SecretsStay(admin.ModelAdmin):
    """A list is asked about its own columns alone, and about no `secret` one: answers to guesses would give it away.

    Django lets an address ask about whatever a relation leads to, either way. `of_others`: what may be asked all the
    same of what a relation leads to.
    """

    secret: ClassVar[tuple[str, ...]] = ()
    of_others: ClassVar[tuple[str, ...]] = ()
    show_facets = admin.ShowFacets.NEVER

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if lookup in self.of_others:
            return True
        name, _, rest = lookup.partition("__")
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            # No parameter of ours: Django takes no notice of it.
            return True
        return name not in self.secret and (not field.is_relation or (field.concrete and rest in ("", "exact")))


class FirstRows(Paginator):
    """Of the first AT_MOST rows, in an order that an index gives: nobody counts more."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:AT_MOST].count())


class InOneOrder(ChangeList):
    """Sorted as its admin says: in another order, all rows would be read for each page."""

    def get_ordering_field(self, field_name: Any) -> None:
        return None

    @property
    def is_capped(self) -> bool:
        return bool(self.result_count >= AT_MOST)


class BoundedAdmin(SecretsStay):
    """Lists that neither count nor read a whole table, and end in time; an index has to give `ordering`."""

    list_per_page = 50
    list_max_show_all = 0
    paginator = FirstRows
    sortable_by = ()
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InOneOrder

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, rendered within its time; else a page that says that it was too slow."""
        extra = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        try:
            with bounded_reading(PATIENCE):
                response = super().changelist_view(request, extra)
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
                return response
        except TooSlowError:
            context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "This takes too long"}
            return TemplateResponse(request, "admin/sync/too_slow.html", context, status=503)


class ReadOnlyAdmin(BoundedAdmin):
    """What may be looked at and not changed: all that is stored of a row, but its results."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = {*LARGE, *self.secret}
        return [field.name for field in self.opts.concrete_fields if field.name not in hidden]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Leading(admin.ModelAdmin):
    """Actions that lead to the console's pages, where it is said how many it would be done to, and confirmed."""

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms((VIEW, RETRY))

    def has_backfill_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(BACKFILL)


def leading(name: str, words: str, right: str, page: str, parameter: str) -> Callable[..., HttpResponse]:
    """An action to the page, which is told as `parameter` what is ticked."""

    @admin.action(description=words, permissions=[right])
    def lead(_admin: Any, request: HttpRequest, _rows: Any) -> HttpResponse:
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return HttpResponseRedirect(reverse(f"console:{page}", query={parameter: ticked}))

    lead.__name__ = name
    return lead


def backfill_of(parameter: str) -> Callable[..., HttpResponse]:
    """The action that leads to a backfill of what is ticked."""
    words = "Backfill: queue what is not in Snowflake yet…"
    return leading("backfill_selected", words, "backfill", "backfill-of", parameter)
