"""The admin's pages. History is read-only: rows of the queue are changed by sync.queue alone."""

from django.contrib import admin

from sync.web.admin import configurations, history, items, tokens, users, workflows

__all__ = ["configurations", "history", "items", "tokens", "users", "workflows"]

admin.site.index_title = "What is queued, what is loaded, and where"
# The page's header names the console by its name.
admin.site.site_url = None
