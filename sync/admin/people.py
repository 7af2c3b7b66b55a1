"""Users of the application, and their tokens."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import ApiToken, User
from sync.admin.backfill import BackfillAction
from sync.admin.users import UserPages


@admin.register(User)
class UserAdmin(BackfillAction, UserPages):
    backfill_of = "user"


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    list_display = ("name", "user", "created", "expiry")
    list_select_related = ("user",)
    fields = ("name", "user", "created", "expiry")
    readonly_fields = ("user", "created")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A token is shown once, by create_api_token."""
        return False
