"""All endpoints, each with a thing of Ada's in it; `{…}` is filled in."""

from typing import Any

from tests.web.api.conftest import Owned

MUTE = ("POST", "snowflake-sync/errors/mute")
UNMUTE = ("POST", "snowflake-sync/errors/unmute")

SYNC = (
    ("GET", "snowflake-sync/stats"),
    ("GET", "snowflake-sync/failed"),
    ("GET", "snowflake-sync/failed?limit=10"),
    ("GET", "snowflake-sync/queue"),
    ("GET", "snowflake-sync/queue?status=failed&limit=10"),
    ("GET", "snowflake-sync/queue?destination={configuration}"),
    ("GET", "snowflake-sync/queue?workflow={workflow}"),
    ("GET", "snowflake-sync/queue?workflow={workflow_key}"),
    ("GET", "snowflake-sync/execution/{execution}/sync-status"),
    ("GET", "snowflake-sync/activity"),
    ("POST", "snowflake-sync/retry/{item}"),
    ("POST", "snowflake-sync/retry"),
    ("POST", "snowflake-sync/skip"),
    ("POST", "snowflake-sync/load-again"),
    ("POST", "snowflake-sync/backfill"),
    ("GET", "snowflake-sync/tokens"),
    ("GET", "snowflake-sync/costs"),
    ("GET", "snowflake-sync/costs?destination={configuration}"),
    ("GET", "snowflake-sync/errors"),
    ("GET", "snowflake-sync/errors?destination={configuration}"),
    ("GET", "snowflake-sync/errors?workflow={workflow}"),
    MUTE,
    UNMUTE,
)
CURE = ("POST", "snowflake/configurations/{configuration}/findings/{finding}")
CONFIGURATIONS = (
    ("GET", "snowflake/configurations"),
    ("GET", "snowflake/configurations/{configuration}"),
    ("PATCH", "snowflake/configurations/{configuration}"),
    ("POST", "snowflake/configurations/{configuration}/check"),
    ("GET", "snowflake/configurations/{configuration}/setup-script"),
    ("POST", "snowflake/configurations/{configuration}/rotate-key"),
    ("GET", "snowflake/configurations/{configuration}/findings"),
    ("POST", "snowflake/configurations/{configuration}/findings/look"),
    CURE,
    ("POST", "snowflake/configurations/{configuration}/credits"),
)
RULES_PATH = "snowflake/configurations/{configuration}/rules"
RULES = (
    ("GET", RULES_PATH),
    ("PUT", RULES_PATH),
    ("PATCH", f"{RULES_PATH}/named/{{rule}}"),
    ("DELETE", f"{RULES_PATH}/named/{{rule}}"),
    ("POST", f"{RULES_PATH}/hash-key"),
    ("GET", f"{RULES_PATH}/versions"),
    ("GET", f"{RULES_PATH}/versions/{{version}}"),
    ("POST", f"{RULES_PATH}/preview"),
    ("POST", f"{RULES_PATH}/check"),
    ("GET", f"{RULES_PATH}/effect"),
    ("POST", f"{RULES_PATH}/reload"),
    ("POST", f"{RULES_PATH}/return"),
    ("POST", f"{RULES_PATH}/removal"),
)
RETENTION_PATH = "snowflake/configurations/{configuration}/retention"
RETENTION = (
    ("GET", RETENTION_PATH),
    ("PUT", RETENTION_PATH),
    ("POST", f"{RETENTION_PATH}/prune"),
)
MUTE_ALERTS = ("POST", "snowflake/alerts/mute")
UNMUTE_ALERTS = ("POST", "snowflake/alerts/unmute")
ALERTS = (
    ("GET", "snowflake/alerts"),
    ("GET", "snowflake/alerts/mutes"),
    MUTE_ALERTS,
    UNMUTE_ALERTS,
)
# Nobody has a channel but whose it is: tried in test_alerts_api.py.
CHANNEL = "snowflake/alert-channels/{channel}"
CHANNELS = (
    ("GET", "snowflake/alert-channels"),
    ("POST", "snowflake/alert-channels"),
    ("GET", "snowflake/alert-channels/kinds"),
    ("GET", CHANNEL),
    ("PATCH", CHANNEL),
    ("POST", f"{CHANNEL}/test"),
    ("POST", f"{CHANNEL}/pause"),
    ("POST", f"{CHANNEL}/resume"),
    ("POST", f"{CHANNEL}/rotate-secret"),
    ("DELETE", CHANNEL),
)
# They end or make something: tried apart.
CREATE = ("POST", "snowflake/configurations")
DELETE = ("DELETE", "snowflake/configurations/{configuration}")
ADD = ("POST", RULES_PATH)
MAKE_TOKEN = ("POST", "snowflake-sync/tokens")
REVOKE_TOKEN = ("DELETE", "snowflake-sync/tokens/{token}")
ALL = (*SYNC, *CONFIGURATIONS, *RULES, *RETENTION, *ALERTS, *CHANNELS, CREATE, DELETE, ADD, MAKE_TOKEN, REVOKE_TOKEN)
# Those that name a thing by its id.
NAMING = (
    *(endpoint for endpoint in (*SYNC, *CONFIGURATIONS, *RULES, *RETENTION) if "{" in endpoint[1]),
    MUTE_ALERTS,
    ("GET", "snowflake-sync/stats?user={user}"),
    ("GET", "snowflake-sync/stats?user={email}"),
    ("GET", "snowflake-sync/queue?user={user}"),
    ("GET", "snowflake-sync/failed?user={user}"),
    ("GET", "snowflake-sync/activity?user={user}"),
    ("GET", "snowflake/configurations?user={user}"),
    ("GET", "snowflake-sync/errors?user={user}"),
    ("GET", "snowflake/alerts?user={user}"),
)
WANTED = {
    "account_identifier": "acme-main",
    "warehouse": "LOADING",
    "database": "ANALYTICS",
    "schema": "OTHER",
    "username": "SYNC",
}
HASHED: dict[str, Any] = {"name": "first", "kind": "column", "action": "hash", "columns": ["email"]}


def group_of(owned: Owned) -> dict[str, Any]:
    """What fails there, as it is muted."""
    return {
        "error_code": "value_does_not_fit",
        "workflow": owned.workflow.workflow_id,
        "destination": str(owned.configuration.pk),
    }


# What staff may not do without the permission for it.
DEMANDS = {
    ("POST", "snowflake-sync/retry/{item}"): "retry_syncqueueitem",
    ("POST", "snowflake-sync/retry"): "retry_syncqueueitem",
    ("POST", "snowflake-sync/skip"): "retry_syncqueueitem",
    ("POST", "snowflake-sync/load-again"): "backfill_workflowexecution",
    ("POST", "snowflake-sync/backfill"): "backfill_workflowexecution",
    CREATE: "add_snowflakeconfiguration",
    ("PATCH", "snowflake/configurations/{configuration}"): "change_snowflakeconfiguration",
    ("POST", "snowflake/configurations/{configuration}/findings/look"): "change_snowflakeconfiguration",
    CURE: "change_snowflakeconfiguration",
    ("POST", "snowflake/configurations/{configuration}/check"): "change_snowflakeconfiguration",
    ("POST", "snowflake/configurations/{configuration}/rotate-key"): "change_snowflakeconfiguration",
    ("POST", "snowflake/configurations/{configuration}/credits"): "change_snowflakeconfiguration",
    DELETE: "delete_snowflakeconfiguration",
    ("PUT", RULES_PATH): "change_snowflakeconfiguration",
    ADD: "change_snowflakeconfiguration",
    ("PATCH", f"{RULES_PATH}/named/{{rule}}"): "change_snowflakeconfiguration",
    ("DELETE", f"{RULES_PATH}/named/{{rule}}"): "change_snowflakeconfiguration",
    ("POST", f"{RULES_PATH}/hash-key"): "change_snowflakeconfiguration",
    ("POST", f"{RULES_PATH}/reload"): "backfill_workflowexecution",
    ("POST", f"{RULES_PATH}/return"): "backfill_workflowexecution",
    ("POST", f"{RULES_PATH}/removal"): "change_snowflakeconfiguration",
    ("PUT", RETENTION_PATH): "change_snowflakeconfiguration",
    ("POST", f"{RETENTION_PATH}/prune"): "change_snowflakeconfiguration",
}
