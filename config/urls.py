from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from sync.web.api import NotFoundView
from sync.web.console import SignOutView, healthz, metrics, readyz

urlpatterns = [
    # One page to log in, and one way out, for admin and console.
    path("admin/login/", RedirectView.as_view(pattern_name="console:log-in", query_string=True)),
    path("admin/logout/", SignOutView.as_view()),
    # Of the same password, there is one page to change it, where tries at the old one are counted.
    path("admin/password_change/", RedirectView.as_view(pattern_name="console:me")),
    path("admin", RedirectView.as_view(pattern_name="admin:index", query_string=True)),
    path("admin/", admin.site.urls),
    path("api/", include("sync.web.api.urls")),
    path("api", NotFoundView.as_view()),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}sync/mark.svg")),
    path("metrics", metrics, name="metrics"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("sync.web.console.urls")),
]
