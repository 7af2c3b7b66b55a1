"""What the pages have in common."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """What may be looked at and not changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def large(prefix: str = "") -> tuple[str, ...]:
    """Results are never brought into a list."""
    return tuple(f"{prefix}{name}" for name in ("result_rows", "result_columns", "execution_parameters"))
