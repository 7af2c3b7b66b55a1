"""The services that are offered, each with what is entered for it.

Only what resolves what it has raised pages people: Better Stack would open a second incident for a closing, and
Opsgenie's needs a store. Nothing is here whose host is entered (Mattermost, Rocket.Chat, ntfy, Gotify, Matrix, ...):
that is what a webhook is for.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sync.alerts.channels.kind import Field, matching
from sync.alerts.channels.services import Service, Values

_SLACK = (
    r"https://hooks\.slack\.com/services/(?P<token_a>[A-Z0-9]{1,20})/(?P<token_b>[A-Z0-9]{1,20})"
    r"/(?P<token_c>[A-Za-z0-9]{1,40})"
)
_DISCORD = (
    r"https://discord(?:app)?\.com/api/webhooks/(?P<webhook_id>[0-9]{1,25})/(?P<webhook_token>[A-Za-z0-9_-]{1,100})"
)
_GOOGLE = (
    r"https://chat\.googleapis\.com/v1/spaces/(?P<workspace>[A-Za-z0-9_-]{1,40})/messages"
    r"\?key=(?P<webhook_key>[A-Za-z0-9_-]{1,80})&token=(?P<webhook_token>[A-Za-z0-9_%=-]{1,120})"
)


def _address(pattern: str, example: str) -> Field:
    """An address as the service shows it. What it is made of is taken out of it; it is not asked itself."""
    return Field(
        "url",
        "Address of the webhook",
        f"As {example}",
        secret=True,
        check=matching(pattern, f"This is no address of a webhook there: it looks like {example}"),
    )


def _parts(pattern: str, **more: Any) -> Callable[[Values, str], dict[str, Any]]:
    compiled = re.compile(pattern, re.ASCII)

    def arguments(values: Values, _thread: str) -> dict[str, Any]:
        found = compiled.fullmatch(values["url"])
        if found is None:
            raise ValueError
        return {name: unquote(part) for name, part in found.groupdict().items()} | more

    return arguments


def _token(name: str, label: str, said: str = "", pattern: str = r"[A-Za-z0-9_-]{8,200}") -> Field:
    return Field(name, label, said, secret=True, check=matching(pattern, f"{label}: this does not look like one."))


_REGION = Field("region", "Region", choices={"us": "United States", "eu": "Europe"})

SERVICES = {
    "slack": Service(
        "Slack",
        "slack",
        "NotifySlack",
        (_address(_SLACK, "https://hooks.slack.com/services/T000/B000/XXXX"),),
        _parts(_SLACK, mode="hook", include_image=False, include_footer=False, include_timestamp=False),
        "By an incoming webhook of a Slack app.",
    ),
    "discord": Service(
        "Discord",
        "discord",
        "NotifyDiscord",
        (_address(_DISCORD, "https://discord.com/api/webhooks/000/XXXX"),),
        _parts(_DISCORD, avatar=False),
        "By a webhook of a channel: Edit channel, Integrations.",
    ),
    "google_chat": Service(
        "Google Chat",
        "google_chat",
        "NotifyGoogleChat",
        (_address(_GOOGLE, "https://chat.googleapis.com/v1/spaces/XXXX/messages?key=XXXX&token=XXXX"),),
        _parts(_GOOGLE),
        "By a webhook of a space: Apps & integrations.",
    ),
    "telegram": Service(
        "Telegram",
        "telegram",
        "NotifyTelegram",
        (
            _token("token", "Token of the bot", "As @BotFather gives it.", r"[0-9]{5,20}:[A-Za-z0-9_-]{20,60}"),
            Field(
                "chat",
                "Chat",
                "The number of the chat, as -1001234567890.",
                check=matching(
                    r"-?[0-9]{1,20}", "The number of the chat has digits only, and perhaps a - before them."
                ),
            ),
        ),
        lambda values, _thread: {"bot_token": values["token"], "targets": [values["chat"]], "detect_owner": False},
    ),
    "pushover": Service(
        "Pushover",
        "pushover",
        "NotifyPushover",
        (
            _token("token", "Token of the application", pattern="[A-Za-z0-9]{30}"),
            _token("user", "Key of the user or group", pattern="[A-Za-z0-9]{30}"),
        ),
        lambda values, _thread: {"token": values["token"], "user_key": values["user"]},
    ),
    "pagerduty": Service(
        "PagerDuty",
        "pagerduty",
        "NotifyPagerDuty",
        (_token("key", "Integration key", "Of an integration \u201cEvents API v2\u201d.", "[A-Za-z0-9]{32}"), _REGION),
        lambda values, thread: {
            "integrationkey": values["key"],
            # apprise wants one, and Events API v2 does not read it.
            "apikey": "none",
            "region_name": values["region"],
            "source": "Universal Snowflake Sync",
            "action": "map",
            "dedup": thread,
            "include_image": False,
        },
        "An alert opens an incident, and resolves it.",
        digests=False,
    ),
    "incident_io": Service(
        "incident.io",
        "incidentio",
        "NotifyIncidentIO",
        (_token("source", "Id of the alert source", pattern="[A-Z0-9]{10,40}"), _token("token", "Token")),
        lambda values, thread: {
            "source": values["source"],
            "token": values["token"],
            "action": "map",
            "dedup": thread,
        },
        "By an alert source \u201cHTTP\u201d: an alert fires, and is resolved.",
        digests=False,
    ),
    "ilert": Service(
        "ilert",
        "ilert",
        "NotifyILert",
        (_token("key", "API key of the alert source"),),
        lambda values, thread: {"key": values["key"], "action": "map", "dedup": thread, "include_image": False},
        "An alert is raised, and resolved.",
        digests=False,
    ),
    "squadcast": Service(
        "Squadcast",
        "squadcast",
        "NotifySquadcast",
        (_token("key", "Key of the webhook"), _REGION),
        lambda values, thread: {
            "key": values["key"],
            "region_name": values["region"],
            "action": "map",
            "dedup": thread,
        },
        "An incident is raised, and resolved.",
        digests=False,
    ),
    "splunk_on_call": Service(
        "Splunk On-Call",
        "splunk",
        "NotifySplunk",
        (_token("key", "API key of the REST endpoint"), _token("route", "Routing key", pattern="[A-Za-z0-9_-]{1,100}")),
        lambda values, thread: {
            "apikey": values["key"],
            "routing_key": values["route"],
            "entity_id": thread,
            "action": "map",
        },
        "An incident is raised, and resolved.",
        digests=False,
    ),
}
