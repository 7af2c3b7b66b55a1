"""Users of the application; their powers here, and a backfill of all that is theirs."""

from django.contrib import admin

from accounts.models import User
from sync.admin.backfill import BackfillAction
from sync.admin.users import UserPages


@admin.register(User)
class UserAdmin(BackfillAction, UserPages):
    backfill_of = "user"
