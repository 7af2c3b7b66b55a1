"""The admin's pages. History is read-only: rows of the queue are changed by sync.queue alone."""

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm

from accounts.signing_in import SaysWhy
from sync.web.admin import configurations, history, items, tokens, users, workflows

__all__ = ["configurations", "history", "items", "tokens", "users", "workflows"]


class SignInForm(SaysWhy, AdminAuthenticationForm):
    """The admin's own, which says how long to wait after too many tries."""


admin.site.login_form = SignInForm
admin.site.index_title = "What is queued, what is loaded, and where"
