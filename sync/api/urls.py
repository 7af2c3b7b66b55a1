"""The paths, without a trailing slash."""

from django.urls import path, re_path

from sync.api.documentation import DocumentationView, NotFoundView, SchemaView
from sync.api.views import SnowflakeSyncViewSet

urlpatterns = [
    path("snowflake-sync/stats", SnowflakeSyncViewSet.as_view({"get": "stats"})),
    path("snowflake-sync/failed", SnowflakeSyncViewSet.as_view({"get": "failed"})),
    path("snowflake-sync/queue", SnowflakeSyncViewSet.as_view({"get": "queue"})),
    path("snowflake-sync/retry/<str:sync_id>", SnowflakeSyncViewSet.as_view({"post": "retry"}, throttle_scope="retry")),
    path(
        "snowflake-sync/execution/<path:execution_id>/sync-status",
        SnowflakeSyncViewSet.as_view({"get": "sync_status"}),
    ),
    path("snowflake-sync/backfill", SnowflakeSyncViewSet.as_view({"post": "backfill"}, throttle_scope="backfill")),
    path("schema", SchemaView.as_view()),
    path("docs", DocumentationView.as_view(), name="api-docs"),
    re_path("", NotFoundView.as_view()),
]
