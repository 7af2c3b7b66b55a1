"""The admin: the back room behind the console. Stock lists and forms; what is counted, confirmed or told is there."""

from django.contrib import admin

from sync.web.admin import configurations, records, tokens, users

__all__ = ["configurations", "records", "tokens", "users"]

admin.site.index_title = "The rows behind the console"
# The page's header names the console by its name; the lists need the room of a sidebar.
admin.site.site_url = None
admin.site.enable_nav_sidebar = False
