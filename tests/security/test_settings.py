"""Settings that would leave production open stop everything that starts; development may have them."""

import http.client
import os
import subprocess
import sys

import pytest
from django.core.checks import Error
from pytest_django import Settings

from sync.installation.checks import check_production
from tests.processes import MANAGE, PRODUCTION, web_server


@pytest.fixture
def production(settings: Settings) -> Settings:
    settings.DEBUG = False
    settings.SECRET_KEY, settings.FIELD_ENCRYPTION_KEYS = (
        PRODUCTION["SECRET_KEY"],
        [PRODUCTION["FIELD_ENCRYPTION_KEYS"]],
    )
    settings.ALLOWED_HOSTS = ["sync.example.com"]
    settings.SNOWFLAKE_ENDPOINT = ""
    return settings


OPEN = [
    ("SECRET_KEY", "x", "sync.E008"),
    ("SECRET_KEY", "change-me-change-me-change-me", "sync.E008"),
    ("SECRET_KEY", "abcabcabc" * 10, "sync.E008"),
    ("FIELD_ENCRYPTION_KEYS", ["ZGV2ZWxvcG1lbnQtb25seS1pbnNlY3VyZS1rZXkhISE="], "sync.E009"),
    ("ALLOWED_HOSTS", ["*"], "sync.E010"),
    ("ALLOWED_HOSTS", ["sync.example.com", "*"], "sync.E010"),
    ("SNOWFLAKE_ENDPOINT", "http://snowflake.example.com", "sync.E011"),
    ("SNOWFLAKE_ENDPOINT", "http://127.0.0.1:8084", "sync.E011"),
    ("SNOWFLAKE_ENDPOINT", "HTTP://127.0.0.1:8084", "sync.E011"),
    ("SNOWFLAKE_ENDPOINT", "snowflake.example.com", "sync.E011"),
]


@pytest.mark.parametrize(("name", "value", "id_"), OPEN)
def test_production_does_not_start_with_it(production: Settings, name: str, value: object, id_: str) -> None:
    assert check_production() == []
    setattr(production, name, value)
    (found,) = check_production()
    assert isinstance(found, Error)
    assert found.id == id_
    assert found.hint
    assert name in found.msg
    assert PRODUCTION["SECRET_KEY"] not in str(found)


def test_a_secret_key_that_is_refused_is_not_printed(production: Settings) -> None:
    production.SECRET_KEY = "hunter2-hunter2"
    assert "hunter2" not in str(check_production())


@pytest.mark.parametrize("endpoint", ["", "https://privatelink.example.com", "HTTPS://proxy.example.com:8443"])
def test_what_is_as_it_should_be_is_let_through(production: Settings, endpoint: str) -> None:
    production.SNOWFLAKE_ENDPOINT = endpoint
    assert check_production() == []


@pytest.mark.parametrize(
    ("endpoint", "refused"),
    [
        ("http://127.0.0.1:8084", False),
        ("http://[::1]:8084", False),
        ("http://localhost:8084", False),
        ("http://127.0.0.1.example.com", True),
        ("http://10.0.0.1", True),
        ("http://localhost@example.com", True),
    ],
)
def test_development_may_use_plain_http_on_its_own_host(settings: Settings, endpoint: str, refused: bool) -> None:
    settings.DEBUG, settings.SECRET_KEY, settings.ALLOWED_HOSTS = True, "x", ["*"]
    settings.SNOWFLAKE_ENDPOINT = endpoint
    assert [found.id for found in check_production()] == ["sync.E011"] * refused


@pytest.mark.parametrize("command", ["run_sync_worker", "run_sync_web", "check"])
def test_every_command_is_stopped(command: str) -> None:
    environment = {**os.environ, **PRODUCTION, "SECRET_KEY": "x", "ALLOWED_HOSTS": "*"}
    done = subprocess.run(
        [sys.executable, str(MANAGE), command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "sync.E008" in done.stderr
    assert "sync.E010" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.django_db(transaction=True)
def test_only_what_machines_ask_is_answered_without_tls() -> None:
    """Behind the proxy; and nobody's cookie goes there."""
    said = {}
    with web_server(more=PRODUCTION | {"METRICS_TOKEN": "for-tests"}) as (port, _):
        for path in ("/healthz", "/readyz", "/metrics", "/", "/api/docs"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", path, headers={"Host": "localhost", "Authorization": "Bearer for-tests"})
            said[path] = connection.getresponse().status
            connection.close()
    assert said == {"/healthz": 200, "/readyz": 503, "/metrics": 200, "/": 301, "/api/docs": 301}
