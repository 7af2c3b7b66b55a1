from django.urls import path

from sync.api.views import SnowflakeSyncViewSet

urlpatterns = [
    path("snowflake-sync/stats", SnowflakeSyncViewSet.as_view({"get": "stats"})),
]
