from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from sync.api.documentation import NotFoundView
from sync.monitor import machines

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="monitor:overview", query_string=True)),
    path("admin", RedirectView.as_view(pattern_name="admin:index", query_string=True)),
    path("admin/", admin.site.urls),
    path("api/", include("sync.api.urls")),
    path("monitor/", include("sync.monitor.urls")),
    path("monitor", RedirectView.as_view(pattern_name="monitor:overview", query_string=True)),
    path("metrics", machines.metrics, name="metrics"),
    path("healthz", machines.healthz, name="healthz"),
    path("readyz", machines.readyz, name="readyz"),
    path("api", NotFoundView.as_view()),
]
