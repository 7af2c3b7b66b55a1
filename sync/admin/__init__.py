"""The admin's pages. History is read-only: rows of the queue are changed by sync.queue alone."""

from django.contrib import admin

from sync.admin import configurations, history, items, people, tokens, workflows

__all__ = ["configurations", "history", "items", "people", "tokens", "workflows"]

admin.site.index_title = "What is queued, what is loaded, and where"
