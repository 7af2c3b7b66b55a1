"""The paths, without a trailing slash."""

from django.urls import path, re_path

from sync.web.api.activity import ActivityViewSet
from sync.web.api.changes import ChangeViewSet
from sync.web.api.configurations import ConfigurationViewSet
from sync.web.api.documentation import DocumentationView, NotFoundView, SchemaView
from sync.web.api.errors import ErrorViewSet
from sync.web.api.rules import RuleViewSet
from sync.web.api.rules_effect import RuleEffectViewSet
from sync.web.api.tokens import TokenViewSet
from sync.web.api.views import SnowflakeSyncViewSet
from sync.web.shared import ANYTHING

queue = SnowflakeSyncViewSet.as_view
changes = ChangeViewSet.as_view
configurations = ConfigurationViewSet.as_view
tokens = TokenViewSet.as_view
errors = ErrorViewSet.as_view
rules = RuleViewSet.as_view
effects = RuleEffectViewSet.as_view
RULES = "snowflake/configurations/<str:id>/rules"

urlpatterns = [
    path("snowflake-sync/stats", queue({"get": "stats"})),
    path("snowflake-sync/failed", queue({"get": "failed"})),
    path("snowflake-sync/queue", queue({"get": "queue"})),
    path("snowflake-sync/retry", changes({"post": "retry_many"}, throttle_scope="retry")),
    path("snowflake-sync/skip", changes({"post": "skip"}, throttle_scope="retry")),
    path("snowflake-sync/load-again", changes({"post": "load_again"}, throttle_scope="backfill")),
    path("snowflake-sync/retry/<str:sync_id>", queue({"post": "retry"}, throttle_scope="retry")),
    path(f"snowflake-sync/execution/<{ANYTHING}:execution_id>/sync-status", queue({"get": "sync_status"})),
    path("snowflake-sync/activity", ActivityViewSet.as_view({"get": "list"})),
    path("snowflake-sync/backfill", queue({"post": "backfill"}, throttle_scope="backfill")),
    path("snowflake-sync/errors", errors({"get": "list"})),
    path("snowflake-sync/errors/mute", errors({"post": "mute"}, throttle_scope="configure")),
    path("snowflake-sync/errors/unmute", errors({"post": "unmute"}, throttle_scope="configure")),
    path("snowflake-sync/tokens", tokens({"get": "list", "post": "create"}, throttle_scope="configure")),
    path("snowflake-sync/tokens/<str:token_id>", tokens({"delete": "destroy"}, throttle_scope="configure")),
    path("snowflake/configurations", configurations({"get": "list", "post": "create"}, throttle_scope="configure")),
    path(
        "snowflake/configurations/<str:id>",
        configurations({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}, throttle_scope="configure"),
    ),
    path("snowflake/configurations/<str:id>/check", configurations({"post": "check"}, throttle_scope="check")),
    path("snowflake/configurations/<str:id>/setup-script", configurations({"get": "setup_script"})),
    path(
        "snowflake/configurations/<str:id>/rotate-key", configurations({"post": "rotate_key"}, throttle_scope="check")
    ),
    path(RULES, rules({"get": "list", "put": "update", "post": "create"}, throttle_scope="configure")),
    path(
        f"{RULES}/named/<{ANYTHING}:name>",
        rules({"patch": "partial_update", "delete": "destroy"}, throttle_scope="configure"),
    ),
    path(f"{RULES}/hash-key", rules({"post": "hash_key"}, throttle_scope="configure")),
    path(f"{RULES}/versions", rules({"get": "versions"})),
    path(f"{RULES}/versions/<int:version>", rules({"get": "version"})),
    path(f"{RULES}/preview", effects({"post": "preview"}, throttle_scope="configure")),
    path(f"{RULES}/check", effects({"post": "check"}, throttle_scope="configure")),
    path(f"{RULES}/effect", effects({"get": "effect"})),
    path(f"{RULES}/reload", effects({"post": "reload"}, throttle_scope="backfill")),
    path(f"{RULES}/return", effects({"post": "returning"}, throttle_scope="backfill")),
    path(f"{RULES}/removal", effects({"post": "removal"}, throttle_scope="backfill")),
    path("schema", SchemaView.as_view()),
    path("docs", DocumentationView.as_view(), name="api-docs"),
    re_path("", NotFoundView.as_view()),
]
