"""What the pages have in common."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils.text import capfirst

from sync.postgres import TooSlowError, bounded_reading
from sync.web.admin.bounded import PATIENCE, BoundedChangeList


class SecretsStay(admin.ModelAdmin):
    """A list is asked about its own columns alone, and about no `secret` one: answers to guesses would give it away.

    Django lets an address ask about whatever a relation leads to, either way. `of_others`: what may be asked all the
    same of what a relation leads to.
    """

    secret: ClassVar[tuple[str, ...]] = ()
    of_others: ClassVar[tuple[str, ...]] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if lookup in self.of_others:
            return True
        name, _, rest = lookup.partition("__")
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            # A word of a filter of ours; Django takes no notice of others.
            return True
        return name not in self.secret and (not field.is_relation or (field.concrete and rest in ("", "exact")))


class BoundedAdmin(SecretsStay):
    """Lists that neither count nor read a whole table, and pages that end in time.

    `window_order`: what the rows of a long list are the first of; an index has to give it.
    """

    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    list_select_related: ClassVar[Any] = ()
    window_order: ClassVar[tuple[str, ...]] = ("-pk",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        extra = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return self._in_time(request, partial(super().changelist_view, request, extra))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().change_view
        if request.method == "POST":
            return view(request, object_id, form_url, extra_context)

        def page() -> HttpResponse:
            row = self.get_object(request, object_id)
            extra = self.page_of(row, request) if row else {}
            return view(request, object_id, form_url, {**extra, **(extra_context or {})})

        return self._in_time(request, page)

    def page_of(self, row: Any, request: HttpRequest) -> dict[str, Any]:
        """What a row's page has besides its form."""
        return {}

    def _in_time(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        """What a view answers, rendered within its time; else a page that says that it was too slow."""
        try:
            with bounded_reading(PATIENCE):
                response = view()
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
                return response
        except TooSlowError:
            context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "This takes too long"}
            return TemplateResponse(request, "admin/sync/too_slow.html", context, status=503)


class ReadOnlyAdmin(BoundedAdmin):
    """What may be looked at and not changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def stored(model: type[Model]) -> tuple[Any, ...]:
    """A folded field set of all fields of a row, but large ones."""
    left_out = {"id", *large()}
    fields = [field.name for field in model._meta.concrete_fields if field.name not in left_out]  # noqa: SLF001 - Django's
    return (("All that is stored", {"classes": ["collapse"], "fields": fields}),)


def large(prefix: str = "") -> tuple[str, ...]:
    """Results are never brought into a list."""
    return tuple(f"{prefix}{name}" for name in ("result_rows", "result_columns", "execution_parameters"))
