from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from sync.web.api import NotFoundView
from sync.web.console import healthz, metrics, readyz

urlpatterns = [
    path("admin", RedirectView.as_view(pattern_name="admin:index", query_string=True)),
    path("admin/", admin.site.urls),
    path("api/", include("sync.web.api.urls")),
    path("api", NotFoundView.as_view()),
    path("metrics", metrics, name="metrics"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("sync.web.console.urls")),
]
