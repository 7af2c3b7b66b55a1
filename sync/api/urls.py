from django.urls import path

from sync.api.configurations import ConfigurationViewSet
from sync.api.views import SnowflakeSyncViewSet

configurations = ConfigurationViewSet.as_view
urlpatterns = [
    path("snowflake-sync/stats", SnowflakeSyncViewSet.as_view({"get": "stats"})),
    path("snowflake/configurations", configurations({"get": "list", "post": "create"})),
    path(
        "snowflake/configurations/<uuid:id>",
        configurations({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("snowflake/configurations/<uuid:id>/check", configurations({"post": "check"})),
    path("snowflake/configurations/<uuid:id>/setup-script", configurations({"get": "setup_script"})),
    path("snowflake/configurations/<uuid:id>/rotate-key", configurations({"post": "rotate_key"})),
]
