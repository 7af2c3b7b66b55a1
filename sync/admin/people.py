"""Users of the application."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("email", "name", "is_active", "is_staff")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "user_permissions", "last_login")
    readonly_fields = ("email", "name", "last_login")
    filter_horizontal = ("user_permissions",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Users are the application's to make."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False
