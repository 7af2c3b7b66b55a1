"""Users of the application."""

from django.contrib import admin

from accounts.models import User
from sync.admin.backfill import BackfillAction
from sync.admin.users import UserPages


@admin.register(User)
class UserAdmin(BackfillAction, UserPages):
    backfill_of = "user"
