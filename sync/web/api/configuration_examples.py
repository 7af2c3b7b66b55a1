"""Examples of configurations for the OpenAPI schema. There is no secret in any of them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync.errors import CATALOGUE
from sync.web.api.configuration_serializers import Configuration
from sync.web.api.examples import answer

_ID = "0b6a8a34-5d0c-4a53-8f5e-7f5f6f0c9a21"
_MADE, _CHECKED = "2026-11-22T20:04:11Z", "2026-11-22T20:09:40Z"
_FINGERPRINT = "SHA256:0QkLzQ1uJ0pY3kqv6o0pZ0oG4y1a3qC8s9r2bH5t7xU="
_STATEMENT = "ALTER USER \"SYNC_USER\" SET RSA_PUBLIC_KEY='MIIBIjANBgkqhkiG9w0BAQEFAAOC…';"
_KEY = {
    "statement": _STATEMENT,
    "slot": 1,
    "fingerprint": _FINGERPRINT,
}
_WANTED = {
    "account_identifier": "acme-main",
    "warehouse": "LOADING",
    "database": "ANALYTICS",
    "schema": "RESULTS",
    "role": "SYNC_LOADER",
    "username": "SYNC_USER",
}
_STEPS = [
    {
        "name": "reach",
        "title": "Reach the account",
        "status": "ok",
        "subject": "acme-main.snowflakecomputing.com",
        "seconds": 0.412,
        "code": "",
        "snowflake_code": "",
        "message": "",
        "meaning": "",
        "remedy": "",
        "mend": [],
        "query_id": "",
    },
]
_CHECK: dict[str, Any] = {"ok": True, "checked_at": _CHECKED, "seconds": 6.2, "current": True, "steps": _STEPS}
_DESTINATION = SnowflakeConfiguration(
    id=_ID,
    user=User(email="ada@example.com"),
    name="Analytics",
    **_WANTED,
    auth_method="key_pair",
    created_at=_MADE,
    updated_at=_CHECKED,
)
_DESTINATION.stored_state = DestinationState(last_login_at=_CHECKED, last_check=_CHECK)
_ONE = dict(Configuration(_DESTINATION).data)
_WAITING = {
    "state": "paused",
    "code": "key_not_registered",
    "reason": "The key pair was made now.",
    "what_to_do": CATALOGUE["key_not_registered"].remedy,
    "until": _CHECKED,
}
_NEW = {**_ONE, "breaker": _WAITING, "last_login_at": None, "last_check": None, "register_key": _KEY}


LISTED = [answer("One destination", {"items": [_ONE]})]
ONE = [answer("With a key pair", {**_ONE, "register_key": _KEY})]
MADE = [
    OpenApiExample("With a key pair that is made here", value={"name": "Analytics", **_WANTED}, request_only=True),
    answer("With the statement to run", _NEW, "201"),
]
CHECK = [answer("The first of its steps", _CHECK)]
ROTATION = [
    OpenApiExample("Make the next pair", value={}, request_only=True),
    OpenApiExample("Use it from now on", value={"activate": True}, request_only=True),
    answer(
        "The next pair",
        {
            "activated": False,
            "message": "A new key pair waits. Run the statement in Snowflake, then send activate: true. Until then the "
            "credentials in use stay in use.",
            "key": {**_KEY, "statement": _STATEMENT.replace("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"), "slot": 2},
        },
    ),
]
