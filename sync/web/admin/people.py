"""Users of the application, their powers here, alone and in groups, and a backfill of all that is theirs."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts.models import User
from sync.web.admin.backfill import BackfillAction
from sync.web.admin.users import GivesPowers, UserPages, may_do_everything


@admin.register(User)
class UserAdmin(BackfillAction, UserPages):
    backfill_of = "user"


admin.site.unregister(Group)


@admin.register(Group)
class GroupPages(GivesPowers, GroupAdmin):  # type: ignore[misc]  # its form field may be asked for without a request
    """Django's, for those alone who may do everything: a group's powers are its members'."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_do_everything(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return may_do_everything(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return may_do_everything(request)
