"""The paths, without a trailing slash."""

from typing import Any

from django.urls import path, re_path

from sync.web.api.activity import ActivityViewSet
from sync.web.api.alerts import AlertViewSet
from sync.web.api.changes import ChangeViewSet
from sync.web.api.channels import ChannelViewSet
from sync.web.api.configurations import ConfigurationViewSet
from sync.web.api.costs import CostViewSet
from sync.web.api.documentation import DocumentationView, NotFoundView, SchemaView
from sync.web.api.errors import ErrorViewSet
from sync.web.api.findings import FindingViewSet
from sync.web.api.retention import RetentionViewSet
from sync.web.api.rules import RuleViewSet
from sync.web.api.rules_effect import RuleEffectViewSet
from sync.web.api.tokens import TokenViewSet
from sync.web.api.views import SnowflakeSyncViewSet
from sync.web.shared import ANYTHING

activity = ActivityViewSet.as_view
alerts = AlertViewSet.as_view
changes = ChangeViewSet.as_view
channels = ChannelViewSet.as_view
configurations = ConfigurationViewSet.as_view
effects = RuleEffectViewSet.as_view
costs = CostViewSet.as_view
errors = ErrorViewSet.as_view
findings = FindingViewSet.as_view
queue = SnowflakeSyncViewSet.as_view
retention = RetentionViewSet.as_view
rules = RuleViewSet.as_view
tokens = TokenViewSet.as_view
ONE = "snowflake/configurations/<str:id>"
CHANNELS = "snowflake/alert-channels"
OF_CHANNEL: dict[str, Any] = {"get": "read_channel", "patch": "change_channel", "delete": "delete_channel"}
OF_ONE: dict[str, Any] = {
    "get": "read_configuration",
    "patch": "change_configuration",
    "delete": "delete_configuration",
}

# Each method's operation.
urlpatterns = [
    path("snowflake-sync/stats", queue({"get": "stats"})),
    path("snowflake-sync/failed", queue({"get": "failed"})),
    path("snowflake-sync/queue", queue({"get": "queue"})),
    path("snowflake-sync/retry", changes({"post": "retry_many"})),
    path("snowflake-sync/skip", changes({"post": "skip"})),
    path("snowflake-sync/load-again", changes({"post": "load_again"})),
    path("snowflake-sync/retry/<str:sync_id>", queue({"post": "retry"})),
    path(f"snowflake-sync/execution/<{ANYTHING}:execution_id>/sync-status", queue({"get": "sync_status"})),
    path("snowflake-sync/activity", activity({"get": "list_activity"})),
    path("snowflake-sync/backfill", queue({"post": "backfill"})),
    path("snowflake-sync/costs", costs({"get": "costs"})),
    path("snowflake-sync/errors", errors({"get": "errors"})),
    path("snowflake-sync/errors/mute", errors({"post": "mute_errors"})),
    path("snowflake-sync/errors/unmute", errors({"post": "unmute_errors"})),
    path("snowflake-sync/tokens", tokens({"get": "list_tokens", "post": "make_token"})),
    path("snowflake-sync/tokens/<str:token_id>", tokens({"delete": "revoke_token"})),
    path("snowflake/configurations", configurations({"get": "list_configurations", "post": "create_configuration"})),
    path(ONE, configurations(OF_ONE)),
    path(f"{ONE}/check", configurations({"post": "check_configuration"})),
    path(f"{ONE}/setup-script", configurations({"get": "setup_script"})),
    path(f"{ONE}/rotate-key", configurations({"post": "rotate_key"})),
    path(f"{ONE}/findings", findings({"get": "list_findings"})),
    path(f"{ONE}/findings/look", findings({"post": "look_now"})),
    path(f"{ONE}/findings/<int:finding_id>", findings({"post": "cure_finding"})),
    path(f"{ONE}/credits", costs({"post": "actual_credits"})),
    path(f"{ONE}/rules", rules({"get": "read_rules", "put": "change_rules", "post": "add_rule"})),
    path(f"{ONE}/rules/named/<{ANYTHING}:name>", rules({"patch": "edit_rule", "delete": "delete_rule"})),
    path(f"{ONE}/rules/hash-key", rules({"post": "rotate_hash_key"})),
    path(f"{ONE}/rules/versions", rules({"get": "list_rule_versions"})),
    path(f"{ONE}/rules/versions/<int:version>", rules({"get": "read_rule_version"})),
    path(f"{ONE}/rules/preview", effects({"post": "preview_rules"})),
    path(f"{ONE}/rules/check", effects({"post": "check_rules"})),
    path(f"{ONE}/rules/effect", effects({"get": "rules_effect"})),
    path(f"{ONE}/rules/reload", effects({"post": "reload_earlier"})),
    path(f"{ONE}/rules/return", effects({"post": "return_excluded"})),
    path(f"{ONE}/rules/removal", effects({"post": "remove_excluded"})),
    path(f"{ONE}/retention", retention({"get": "read_retention", "put": "change_retention"})),
    path(f"{ONE}/retention/prune", retention({"post": "prune_results"})),
    path("snowflake/alerts", alerts({"get": "list_alerts"})),
    path("snowflake/alerts/mutes", alerts({"get": "list_alert_mutes"})),
    path("snowflake/alerts/mute", alerts({"post": "mute_alerts"})),
    path("snowflake/alerts/unmute", alerts({"post": "unmute_alerts"})),
    path(CHANNELS, channels({"get": "list_channels", "post": "make_channel"})),
    path(f"{CHANNELS}/kinds", channels({"get": "list_channel_kinds"})),
    path(f"{CHANNELS}/<str:channel_id>", channels(OF_CHANNEL)),
    path(f"{CHANNELS}/<str:channel_id>/test", channels({"post": "test_channel"})),
    path(f"{CHANNELS}/<str:channel_id>/pause", channels({"post": "pause_channel"})),
    path(f"{CHANNELS}/<str:channel_id>/resume", channels({"post": "resume_channel"})),
    path(f"{CHANNELS}/<str:channel_id>/rotate-secret", channels({"post": "rotate_channel_secret"})),
    path("schema", SchemaView.as_view()),
    path("docs", DocumentationView.as_view(), name="api-docs"),
    re_path("", NotFoundView.as_view()),
]
