"""A known secret goes in through every face, and nothing that comes out anywhere holds it."""

import io
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import ApiToken, DestinationState, SnowflakeConfiguration, User
from sync.destinations import configurations as service
from sync.destinations import connect as destinations
from sync.destinations.connect import as_destination, credentials_of
from tests.long import first
from tests.web.admin.test_configurations import filled
from tests.world import World

URL = "/api/snowflake/configurations"
PASSPHRASE = "marker-of-a-passphrase"
KEY = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSPHRASE.encode()),
    )
    .decode()
)
PLAIN_KEY = (
    serialization.load_pem_private_key(KEY.encode(), PASSPHRASE.encode())
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
# By method: what is sent, and what must not come out.
SECRETS: dict[str, tuple[dict[str, str], list[str]]] = {
    "password": ({"password": "marker-of-a-password"}, ["marker-of-a-password"]),
    "access_token": ({"token": "marker-of-a-token"}, ["marker-of-a-token"]),
    "oauth": ({"token": "marker-of-a-token"}, ["marker-of-a-token"]),
    "key_pair": (
        {"private_key": KEY, "private_key_passphrase": PASSPHRASE},
        [PASSPHRASE, KEY.splitlines()[3], PLAIN_KEY.splitlines()[3], "BEGIN PRIVATE", "BEGIN ENCRYPTED"],
    ),
}


class Face:
    """Whoever asks, and everything that was ever answered."""

    def __init__(self, world: World, method: str) -> None:
        self.world = world
        self.sent, self.hidden = SECRETS[method]
        self.method = method
        self.answers: list[str] = []
        self._client = Client(raise_request_exception=False)
        self._admin = Client(raise_request_exception=False)
        self._admin.force_login(User.objects.create_superuser("staff@example.com", "a password"))
        token = ApiToken.objects.create(world.user)[1]
        self._headers = {"Authorization": f"Bearer {token}"}

    def api(self, method: str, path: str = "", body: Any = None) -> int:
        data = "" if body is None else json.dumps(body)
        answer = self._client.generic(method, URL + path, data, "application/json", headers=self._headers)
        self._keep(answer)
        return answer.status_code

    def admin(self, name: str, data: dict[str, Any] | None = None, *arguments: Any) -> int:
        page = reverse(f"admin:accounts_snowflakeconfiguration_{name}", args=arguments)
        return self.page(page, data)

    def page(self, page: str, data: dict[str, Any] | None = None) -> int:
        ask: Callable[..., Any] = self._admin.get if data is None else self._admin.post
        answer = ask(page, data, follow=True)
        self._keep(answer)
        return int(answer.status_code)

    def command(self, *words: str) -> None:
        out = io.StringIO()
        with suppress(SystemExit):
            call_command(*words, stdout=out, stderr=out)
        self.answers.append(out.getvalue())

    def configuration(self, **more: Any) -> dict[str, Any]:
        return {
            "account_identifier": "acme-main",
            "warehouse": "loading",
            "database": self.world.snowflake.database,
            "schema": "public",
            "username": self.world.snowflake.database.replace("TEST", "HIDES"),
            "auth_method": self.method,
        } | more

    def _keep(self, answer: Any) -> None:
        self.answers += [answer.content.decode(), str(answer.headers)]

    def shown_in(self, *texts: str) -> list[str]:
        return [secret for secret in self.hidden for text in texts if secret in text]


@pytest.fixture(params=first(2, SECRETS))
def face(world: World, request: pytest.FixtureRequest) -> Face:
    SnowflakeConfiguration.objects.all().delete()
    return Face(world, request.param)


def everything_stored() -> str:
    """All rows of all tables, as text."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        rows = []
        for name in names:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{name}" AS t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def logged(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(f"{record.getMessage()} {record.exc_text} {record.__dict__}" for record in caplog.records)


def test_no_face_shows_it(
    face: Face, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], settings: Settings
) -> None:
    caplog.set_level(logging.DEBUG)
    snowflake = face.world.snowflake.server
    # Wrong credentials, whatever they are, and Snowflake refuses a statement later on.
    snowflake.refuse_login("390100", "Incorrect username or password was specified.", times=4)
    wanted = face.configuration(**face.sent)
    assert face.api("POST", "", wanted | {"warehouse": ""}) == 400
    assert face.api("POST", "", wanted | {"min_interval_seconds": "x"}) == 400
    assert face.api("POST", "", [wanted]) == 400
    assert face.api("POST", "", wanted) == 201
    assert face.api("POST", "", wanted) == 400
    path = f"/{SnowflakeConfiguration.objects.get().pk}"
    assert face.api("PATCH", path, face.sent | {"auth_method": face.method, "name": "x"}) == 200
    assert face.api("PATCH", path, face.sent | {"auth_method": "nonsense"}) == 400
    for method, rest in (("GET", ""), ("GET", path), ("POST", f"{path}/check"), ("GET", f"{path}/setup-script")):
        assert face.api(method, rest) == 200
    assert face.api("POST", f"{path}/rotate-key") == 200
    assert face.api("POST", f"{path}/rotate-key", {"activate": True}) == 409

    face.world.complete([("clicks", "integer")], [[1]])
    DestinationState.objects.update(check_refusals=0, breaker_state="closed", breaker_until=None)
    face.world.work()
    face.command("check_snowflake")
    face.command("check_snowflake", "--json")
    face.command("rotate_encryption_keys")
    face.command("verify_sync_install")
    snowflake.clear_faults()
    DestinationState.objects.update(check_refusals=0, breaker_state="closed", breaker_until=None)
    snowflake.inject("^COPY", "error", code="100038", sqlstate="22018", message="Numeric value is not recognized")
    face.world.work()

    configuration = SnowflakeConfiguration.objects.get()
    secret = next(iter(face.sent.values()))
    form = filled(face.world.user, auth_method=face.method, schema="other", new_secret=secret)
    form["passphrase"] = face.sent.get("private_key_passphrase", "")
    assert face.admin("add", form | {"warehouse": ""}) == 200
    assert face.admin("add", form) == 200
    for name in ("change", "history"):
        assert face.admin(name, None, configuration.pk) == 200
    for name in ("destination", "timeline", "settings", "data", "let-in", "check", "delete-destination"):
        assert face.page(reverse(f"console:{name}", args=[configuration.pk])) == 200
    assert face.admin("change", form | {"schema": "third", "username": "x"}, configuration.pk) == 200
    check = reverse("console:check", args=[configuration.pk])
    assert face.page(check, {}) == 200
    settings_ = reverse("console:settings", args=[configuration.pk])
    assert face.page(settings_, form | {"schema": "fourth", "new_line": secret}) == 200
    assert face.page(settings_, form | {"schema": "", "new_line": secret}) in (200, 400)

    assert SnowflakeConfiguration.objects.count() == 2
    for one in SnowflakeConfiguration.objects.all():
        kept = credentials_of(one)
        face.answers += [repr(one), str(one), repr(kept), str(kept), repr(as_destination(one, kept))]
    assert LogEntry.objects.exists()
    face.answers += [str(entry.__dict__) for entry in LogEntry.objects.all()]
    assert face.shown_in(*face.answers) == []
    assert face.shown_in(logged(caplog)) == []
    assert face.shown_in(everything_stored()) == []
    assert face.shown_in(*capfd.readouterr()) == []


@pytest.mark.parametrize("debug", [True, False])
def test_no_error_report_shows_it(
    face: Face, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, settings: Settings, debug: bool
) -> None:
    """Something breaks with the secret in its hands: on creating, changing, checking, and in the admin."""
    caplog.set_level(logging.DEBUG)
    settings.DEBUG = debug
    settings.ADMINS = [("Admin", "admin@example.com")]
    wanted = face.configuration(**face.sent)
    assert face.api("POST", "", wanted) == 201
    path = f"/{SnowflakeConfiguration.objects.get().pk}"

    def break_(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as broken:
        broken.setattr(service, "check_other_destinations", break_)
        assert face.api("POST", "", wanted | {"schema": "other"}) == 500
        assert face.api("PATCH", path, face.sent | {"auth_method": face.method, "schema": "third"}) == 500
        secret = next(iter(face.sent.values()))
        form = filled(face.world.user, auth_method=face.method, schema="other", new_secret=secret)
        form["passphrase"] = face.sent.get("private_key_passphrase", "")
        assert face.admin("add", form) == 500
    with monkeypatch.context() as broken:
        broken.setattr(destinations, "Destination", break_)
        assert face.api("POST", f"{path}/check") == 500
        assert face.page(reverse("console:check", args=[path.strip("/")]), {}) == 500
    if debug:
        # Django's page, with its frames: the test would see nothing otherwise.
        assert sum("RuntimeError" in answer for answer in face.answers) >= 5
    assert "broken" in logged(caplog)
    reports = [str(message.body) for message in mail.outbox]
    assert face.shown_in(*face.answers) == []
    assert face.shown_in(*reports, *(str(getattr(message, "alternatives", "")) for message in mail.outbox)) == []
    assert face.shown_in(logged(caplog)) == []
    assert face.shown_in(everything_stored()) == []


def test_the_filter_of_error_reports_is_ours() -> None:
    assert django_settings.DEFAULT_EXCEPTION_REPORTER_FILTER == "accounts.reports.SecretsStayHidden"
