"""What the pages have in common."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from sync.web.admin.bounded import BoundedChangeList, in_time


class SecretsStay(admin.ModelAdmin):
    """A list is asked about its own columns alone, and about no `secret` one: answers to guesses would give it away.

    Django lets an address ask about whatever a relation leads to, either way.
    """

    secret: ClassVar[tuple[str, ...]] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
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
        return in_time(
            request, lambda: super(BoundedAdmin, self).changelist_view(request, extra), self._context(request)
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        return in_time(
            request,
            lambda: super(BoundedAdmin, self).change_view(request, object_id, form_url, extra_context),
            self._context(request),
        )

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": "This takes too long"}


class ReadOnlyAdmin(BoundedAdmin):
    """What may be looked at and not changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def stored(model: type[Model]) -> tuple[str, ...]:
    """All fields of a row, but large ones."""
    left_out = {"id", *large()}
    return tuple(field.name for field in model._meta.concrete_fields if field.name not in left_out)  # noqa: SLF001 - Django's


def large(prefix: str = "") -> tuple[str, ...]:
    """Results are never brought into a list."""
    return tuple(f"{prefix}{name}" for name in ("result_rows", "result_columns", "execution_parameters"))
