"""Examples of rules for the OpenAPI schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from sync.operations import NEW_KEY
from sync.web.api.examples import answer

_MADE, _CHANGED = "2026-11-22T20:04:11Z", "2026-11-23T09:12:40Z"
_AUTHOR = "ada@example.com"
_QUIET = {"kind": "scope", "name": "not the noisy one", "workflow": "heartbeat", "action": "exclude"}
_EMAILS = {"kind": "column", "name": "e-mails", "columns": ["email"], "action": "hash"}
_PAID = {"kind": "rows", "name": "paid", "where": {"column": "state", "operator": "eq", "value": "paid"}}
_VERSION = {"version": 3, "author": _AUTHOR, "made_at": _CHANGED, "hash_key": 1}
_EARLIER = {"version": 2, "author": "bob@example.com", "made_at": _MADE, "hash_key": None}
_RULES = {
    **_VERSION,
    "rules": [_QUIET, _EMAILS],
    "about": [
        {"name": rule["name"], "author": _AUTHOR, "created_at": _MADE, "updated_at": _MADE}
        for rule in (_QUIET, _EMAILS)
    ],
}
_FOUND = {
    "rule": "e-mails",
    "level": "information",
    "said": 'matches column "email" in 20 of the last 20 executions. If it should match others, change its columns.',
}
_AFTER = {**_RULES, "changed": True, "released": 0, "to_retry": 0, "findings": [_FOUND]}


def _sent(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


RULES = [answer("One for executions, one for a column", _RULES)]
CHANGED = [
    _sent("All of them", {"version": 2, "rules": [_QUIET, _EMAILS]}),
    answer("A new version", _AFTER),
]
ADDED = [
    _sent("As the last one", {"rule": _PAID}),
    _sent("As the first one, if the rules are as you have seen them", {"rule": _PAID, "position": 1, "version": 3}),
    answer("A new version", _AFTER, "201"),
]
EDITED = [
    _sent("Switch it off", {"rule": {"enabled": False}}),
    _sent("Put it first", {"position": 1}),
    answer("A new version", _AFTER),
]
DELETED = [answer("A new version", _AFTER)]
KEY = [answer("A new version of the same rules", {**_VERSION, "hash_key": 2, "message": NEW_KEY})]
VERSIONS = [answer("Two of them", {"items": [_VERSION, _EARLIER]})]
VERSION = [answer("The second", {**_EARLIER, "rules": [_QUIET]})]

_NUMBERS = {
    "versions": [{"version": 0, "count": 1200}, {"version": 3, "count": 46}],
    "earlier": 1200,
    "excluded": 0,
    "waiting": 0,
    "failed": 0,
    "removing": 0,
}
EFFECT = [
    answer(
        "What was loaded before there were rules",
        {
            "version": 3,
            "as_of": _CHANGED,
            "to_retry": 0,
            **_NUMBERS,
            "workflows": [{"workflow_id": "orders", "workflow_name": "Orders", **_NUMBERS}],
        },
    )
]
_COUNTED = {
    "message": "1,200 executions would be loaded again.",
    "dry_run": True,
    "version": 3,
    "as_of": _CHANGED,
    "count": 1200,
    "held": 0,
    "meanwhile": 0,
    "left": 0,
    "finished": True,
    "position": "",
}
RELOAD = [
    _sent("Count", {"since": "2026-10-01", "until": "2026-11-01"}),
    _sent(
        "Do it",
        {
            "since": "2026-10-01",
            "until": "2026-11-01",
            "dry_run": False,
            "version": 3,
            "as_of": _CHANGED,
            "count": 1200,
        },
    ),
    answer(
        "Of a dry run",
        {**_COUNTED, "workflows": [{"workflow_id": "orders", "workflow_name": "Orders", "count": 1200}]},
    ),
]
_STEPS = [_sent("Count", {}), _sent("Do it", {"dry_run": False, "version": 3, "as_of": _CHANGED, "count": 12})]
RETURN = [
    *_STEPS,
    answer("Of a dry run", {**_COUNTED, "message": "12 executions would be queued.", "count": 12}),
]
REMOVAL = [
    *_STEPS,
    answer(
        "Of a dry run",
        {
            **_COUNTED,
            "message": "12 executions would be taken out of Snowflake.",
            "count": 12,
            "tables": 12,
            "rows": 0,
        },
    ),
]
FINDINGS = [answer("What a rule matched", {"items": [_FOUND]})]
_EMAIL = {"key": "email", "name": "EMAIL", "declared": "string", "type": "VARCHAR"}
PREVIEW = [
    _sent("By the rules in force", {"execution_id": "9d1f0c3a-report"}),
    _sent("By others", {"execution_id": "9d1f0c3a-report", "rules": [_EMAILS]}),
    answer(
        "A hashed column",
        {
            "execution_id": "9d1f0c3a-report",
            "workflow_id": "orders",
            "version": 3,
            "excluded_by": None,
            "checked": 1,
            "error": None,
            "before": {
                "columns": [{**_EMAIL, "rules": []}],
                "shown": [0],
                "rows": [{"number": 1, "values": ["ada@example.com"]}],
            },
            "after": {
                "columns": [{**_EMAIL, "rules": ["e-mails"]}],
                "shown": [0],
                "rows": [{"number": 1, "values": ["5f0c…"]}],
            },
            "effects": [
                {
                    "rule": "e-mails",
                    "kind": "column",
                    "said": 'is for column "email"',
                    "matched": ["email"],
                    "rows_left_out": None,
                    "rows_matched": None,
                }
            ],
            "new_columns": {"policy": "allow", "columns": []},
            "statistics": {
                "rows": 1,
                "examined": 1,
                "kept": 1,
                "columns": [{"name": "EMAIL", "nulls": 0, "distinct": 1}],
            },
            "key": "destination",
        },
    ),
]
