"""Tokens of the API, of everybody: looked at, and revoked. Each user makes their own, in the console or by the API."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import ApiToken
from sync.operations import revoke_tokens
from sync.web.admin.base import ReadOnlyAdmin


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    secret = ("digest",)
    list_display = ("__str__", "user", "state", "created", "expiry", "last_used_at")
    list_select_related = ("user",)
    ordering = ("-id",)
    search_fields = ("name", "token_key", "user__email")
    search_help_text = "A part of its name or of its user's e-mail address, or how it begins."
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apitoken")

    @admin.action(description="Revoke the selected tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """They answer 401 from now on, with those made with them, and stay in the list."""
        self.message_user(request, f"Tokens revoked: {revoke_tokens(queryset)}.")
