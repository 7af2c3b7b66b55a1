"""Bad input is told, by name, and is never the server's error."""

import json
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from tests.web.api.callers import problem
from tests.web.api.conftest import BASE, Caller, Owned

BAD_QUERIES = (
    ("failed?limit=0", "limit", "min_value"),
    ("failed?limit=many", "limit", "invalid"),
    (f"failed?limit={'9' * 5000}", "limit", "max_string_length"),
    ("queue?status=done", "status", "invalid_choice"),
    ("queue?status=%00", "status", "invalid_choice"),
    ("queue?cursor=nonsense", "cursor", "bad_cursor"),
    ("queue?cursor=WzEsMl0", "cursor", "bad_cursor"),
    ("queue?cursor=%C3%A9", "cursor", "bad_cursor"),
    ("queue?cursor=%ff%fe", "cursor", "bad_cursor"),
    ("queue?destination=1", "destination", "invalid"),
    ("queue?workflow=%00", "workflow", "null_characters_not_allowed"),
    ("queue?user=a%00b", "user", "null_characters_not_allowed"),
    ("queue?since=yesterday", "since", "invalid"),
    ("queue?since=0001-01-01T00:00:00%2B23:59", "since", "overflow"),
    ("queue?stauts=failed", "stauts", "unknown"),
    ("stats?users=1", "users", "unknown"),
)
BAD_BODIES = (
    ({"limit": 0}, "limit", "min_value"),
    ({"limit": 10**30}, "limit", "max_value"),
    ({"since": "soon"}, "since", "invalid"),
    ({"force": "perhaps"}, "force", "invalid"),
    ({"workflow": ["a"]}, "workflow", "invalid"),
    ({"workflow": "a\0b"}, "workflow", "null_characters_not_allowed"),
    ({"after": "\0"}, "after", "null_characters_not_allowed"),
    ({"dry-run": True}, "dry-run", "unknown"),
    ([1], "", "invalid"),
    ("text", "", "invalid"),
    (None, "", "null"),
)
NOT_JSON = (b"{", b"\xff\xfe", b'{"limit": NaN}', b"[" * 100_000, b'{"limit": ' + b"9" * 5000 + b"}")


@pytest.mark.parametrize(("path", "field", "code"), BAD_QUERIES)
def test_a_bad_parameter_is_named(ada: Owned, path: str, field: str, code: str) -> None:
    answer = ada.caller.get(path)
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (400, "invalid")
    assert [(error["field"], error["code"]) for error in document["errors"]] == [(field, code)]
    assert field in document["detail"]


@pytest.mark.parametrize(("body", "field", "code"), BAD_BODIES)
def test_a_bad_field_is_named(ada: Owned, body: Any, field: str, code: str) -> None:
    answer = ada.caller.post("backfill", json.dumps(body))
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (400, "invalid")
    assert (document["errors"][0]["field"], document["errors"][0]["code"]) == (field, code)


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_told(ada: Owned, body: bytes) -> None:
    answer = ada.caller.post("backfill", body)
    assert (answer.status_code, problem(answer)["code"]) == (400, "parse_error")


def test_surrogates_reach_no_database(ada: Owned) -> None:
    answer = ada.caller.post("backfill", b'{"workflow": "\\ud800"}')
    assert (answer.status_code, problem(answer)["errors"][0]["field"]) == (400, "workflow")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_form_of_body_is_refused(ada: Owned, content_type: str) -> None:
    answer = ada.caller.ask("POST", f"{BASE}/backfill", "force=true", content_type=content_type)
    assert (answer.status_code, problem(answer)["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "path",
    [
        "retry/1",
        "retry/%00",
        "retry/é",
        "retry/%ff",
        "retry/0123456789abcdef0123456789abcdef",
    ],
)
def test_what_is_no_id_is_not_found(ada: Owned, path: str) -> None:
    answer = ada.caller.post(path)
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize("execution_id", ["%00", "a%2Fb", "%ff", "x" * 3000, "\u2028"])
def test_odd_execution_ids_are_not_found(ada: Owned, execution_id: str) -> None:
    answer = ada.caller.get(f"execution/{execution_id}/sync-status")
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/x", f"{BASE}/stats/", f"{BASE}/retry/", "/api/snowflake-sync"])
@pytest.mark.django_db
def test_unknown_paths_are_told_to_everyone(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("POST", "stats"), ("DELETE", "queue"), ("GET", "backfill")])
def test_another_method_is_told(ada: Owned, method: str, path: str) -> None:
    answer = ada.caller.ask(method, f"{BASE}/{path}")
    assert (answer.status_code, problem(answer)["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"]


def test_an_unusual_accept_header_gets_json(ada: Owned) -> None:
    answer = Client(headers={"Authorization": f"Bearer {ada.caller.token}", "Accept": "text/html"}).get(f"{BASE}/stats")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.django_db(transaction=True)
def test_a_reading_that_takes_too_long_is_given_up(ada: Owned, settings: Settings) -> None:
    settings.API_READ_TIMEOUT = 0.3
    with closing(psycopg2.connect(**connection.get_connection_params())) as other:
        other.cursor().execute("LOCK TABLE snowflake_sync_queue IN ACCESS EXCLUSIVE MODE")
        for path in ("stats", "failed", "queue", f"execution/{ada.execution.execution_id}/sync-status"):
            answer = ada.caller.get(path)
            assert (answer.status_code, problem(answer)["code"]) == (503, "too_slow")
            assert answer.headers["Retry-After"] == "5"
    settings.API_READ_TIMEOUT = 60.0
    assert ada.caller.get("stats").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as nowhere:
        nowhere.setitem(connection.settings_dict, "PORT", "1")
        nowhere.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        connection.close()
        answer = Caller("sfs_0123456789abcdef").get("stats")
        connection.close()
    assert (answer.status_code, problem(answer)["code"]) == (503, "database_unavailable")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "snowflake-sync/backfill", r'{"a\ud800": 1}'),
        ("POST", "snowflake-sync/backfill", r'{"force": "\udfff"}'),
        ("POST", "snowflake/configurations", r'{"layout": "\ud800"}'),
        ("POST", "snowflake/configurations", r'{"\ud800": 1}'),
    ],
)
def test_half_a_character_is_told(ada: Owned, method: str, path: str, body: str) -> None:
    answer = ada.caller.ask(method, f"/api/{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
