"""Requests that are too large, too deep, of odd types, or say where the server should connect."""

import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import ApiToken, SnowflakeConfiguration
from sync.destinations.check import check_configuration
from sync.models import SyncQueueItem
from tests.destinations.configurations import Api, wanted
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory
from tests.processes import PRODUCTION, connected, web_server
from tests.security.test_slow_clients import PATIENCE, get

BACKFILL, CONFIGURATIONS = "/api/snowflake-sync/backfill", "/api/snowflake/configurations"
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def port(django_db_setup: None) -> Iterator[int]:
    """The documented web server as in production."""
    with web_server(more=PRODUCTION | {"SECURE_SSL_REDIRECT": "false"}) as (listening, _):
        yield listening


@pytest.fixture
def web(port: int, transactional_db: None) -> tuple[int, str]:
    """That server, and a user's token."""
    return port, ApiToken.objects.create(UserFactory.create())[1]


@pytest.fixture
def ask(web: tuple[int, str]) -> Ask:
    port, token = web

    def asked(method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """The status, and the problem; not later than others may expect theirs, and no longer than a page."""
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            client.request(method, path, body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            answer = client.getresponse()
            said = answer.read()
        finally:
            client.close()
        assert len(said) < 20_000
        return answer.status, json.loads(said)

    return asked


def test_what_is_large_is_refused_and_not_answered_at_length(ask: Ask) -> None:
    names = json.dumps(wanted() | dict.fromkeys((f"k{n}" for n in range(150_000)), 1)).encode()
    for path in (BACKFILL, CONFIGURATIONS):
        status, problem = ask("POST", path, names)
        assert (status, problem["code"], len(problem["errors"])) == (400, "invalid", 20), path
        assert ask("POST", path, b'{"name": "' + b"x" * 3_000_000 + b'"}')[0] == 413
        for deep in (b"[" * 1_000_000, b'{"a":' * 200_000):
            assert ask("POST", path, deep)[1]["code"] == "parse_error"
    many = "&".join(f"k{n}=1" for n in range(1_500))
    status, problem = ask("GET", f"/api/snowflake-sync/queue?{many}")
    assert (status, problem["code"]) == (400, "too_many_fields")


def raw(port: int, request: bytes) -> bytes:
    """The first line of the answer."""
    with connected(port, PATIENCE) as client:
        client.sendall(request)
        return client.recv(65_536).partition(b"\r\n")[0]


def test_what_two_servers_would_read_in_two_ways_is_refused(web: tuple[int, str]) -> None:
    port, _ = web
    head = b"POST /log-in HTTP/1.1\r\nHost: localhost\r\n"
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    ambiguous = (
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Content-Length: +5\r\n\r\nhello",
        b"Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n\r\nhello" + smuggled,
        b"Transfer-Encoding: chunked\r\n\r\n5;\nhello\r\n0\r\n\r\n" + smuggled,
        b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        b"X-One: 1\nX-Two: 2\r\n\r\n" + smuggled,
        b"X-Bad : 1\r\n\r\n" + smuggled,
    )
    for each in ambiguous:
        assert raw(port, head + each).split(b" ")[1] in (b"400", b"501"), each
    assert raw(port, head + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n").split(b" ")[1] == b"431"
    assert get(port) == 200


def test_a_body_in_pieces_is_counted(web: tuple[int, str]) -> None:
    port, _ = web
    piece = b"%x\r\n%b\r\n" % (100_000, b"x" * 100_000)
    head = b"POST /log-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connected(port, PATIENCE) as client, pytest.raises(OSError, match="reset|Broken pipe"):  # noqa: RUF043
        client.sendall(head + piece * 500)  # 50 MB


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**40,
    1.5,
    [],
    [[]],
    {},
    {"$ne": ""},
    "",
    " ",
    "\x00",
    "\ud800",
    "a" * 100_000,
    "\u202e",
)
FIELDS = (*wanted(), "name", "auth_method", "private_key", "private_key_slot", "layout", "identifier_case")


@pytest.mark.django_db
def test_odd_values_are_no_fault_of_the_server(settings: Settings) -> None:
    settings.API_RATES = {}
    settings.SYNC_MAX_DESTINATIONS = 1_000
    api = Api(UserFactory.create())
    for field, value in product((*FIELDS, "min_interval_seconds", "is_active", "password", "token"), ODD):
        status, said = api("POST", "", wanted(schema=f"S {field} {value!r}"[:40]) | {field: value})
        assert status in (201, 400), (field, value, said)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["status", "workflow", "destination", "user", "code", "cursor", "since", "until"])
def test_a_filter_is_a_value_and_no_sql(name: str) -> None:
    execution = QueuedFactory.create()
    assert execution.workflow is not None
    token = ApiToken.objects.create(execution.workflow.user)[1]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    others = SyncQueueItem.objects.count()
    for sql in (
        "' OR '1'='1",
        "'; DROP TABLE snowflake_sync_queue; --",
        "%' OR 1=1 --",
        "\\' OR 1=1 --",
        "{0}",
        "%s%s",
    ):
        for path in ("queue", "failed", "stats"):
            answer = client.get(f"/api/snowflake-sync/{path}", {name: sql})
            assert answer.status_code in (200, 400, 404), (path, sql, answer.content)
            if answer.status_code == 200:
                assert not answer.json().get("items"), (path, sql)
    assert SyncQueueItem.objects.count() == others


@pytest.fixture
def listening() -> Iterator[tuple[int, Callable[[], bool]]]:
    """A port, and whether anybody has come there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)

        def came() -> bool:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                return False
            return True

        yield server.getsockname()[1], came


ELSEWHERE = (
    "127.0.0.1:{port}",
    "127.0.0.1:{port}/",
    "127.0.0.1:{port}/.snowflakecomputing.com",
    "127.0.0.1:{port}#",
    "127.0.0.1:{port}?",
    "127.0.0.1:{port}\\",
    "a@127.0.0.1:{port}",
    "a:b@127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://127.0.0.1:{port}",
    "https://127.0.0.1:{port}/.snowflakecomputing.com",
    "https://app.snowflake.com@127.0.0.1:{port}/org/account",
    "https://app.snowflake.com:{port}@127.0.0.1/org/account",
    "localhost:{port}",
    "localtest.me:{port}",
    "evil.com/",
    "a@evil",
    "a#",
    "..",
    "../..",
    "a%2f127.0.0.1",
    "a\r\nHost: evil.com",
    "a\x00.evil.com",
)


@pytest.mark.django_db
def test_no_account_decides_where_the_server_connects(
    listening: tuple[int, Callable[[], bool]], settings: Settings
) -> None:
    port, came = listening
    settings.API_RATES = {}
    user = UserFactory.create()
    api = Api(user)
    good = ConfigurationFactory.create(user=user)
    for each in ELSEWHERE:
        account = each.format(port=port)
        status, said = api("POST", "", wanted(account_identifier=account))
        assert (status, said["code"]) == (400, "invalid"), account
        assert api("PATCH", f"/{good.pk}", {"account_identifier": account})[0] == 400, account
        if "\x00" in account:
            continue  # PostgreSQL stores none
        # As the application itself may have stored it.
        SnowflakeConfiguration.objects.filter(pk=good.pk).update(account_identifier=account)
        started = time.monotonic()
        report = check_configuration(good.pk)
        assert report.checked.steps[0].status == "failed", account
        assert time.monotonic() - started < PATIENCE
        assert not came(), account


_QUOTED = re.compile(r"""\$\$.*?\$\$|"(?:[^"]|"")*"|'(?:[^'\\]|''|\\.)*'|--[^\n]*""", re.DOTALL)


@pytest.mark.django_db
def test_names_become_no_statements(settings: Settings) -> None:
    """What a user calls a schema or a workflow is an identifier in quotes, whatever is in it."""
    settings.API_RATES = {}
    api = Api(UserFactory.create())
    for name in ('a"; DROP TABLE x; --', "a'; DROP TABLE x; --", "a/*", "a$$", 'a""b'):
        status, made = api("POST", "", wanted(schema=name, role=name, warehouse=name, database=name, username=name))
        assert status == 201
        status, script = api("GET", f"/{made['id']}/setup-script")
        assert status == 200
        for text in script.values():
            assert "DROP TABLE" not in _QUOTED.sub("", text)


@pytest.mark.django_db
def test_what_the_application_stored_leaves_no_comment() -> None:
    """The script is pasted by an administrator: a name that goes on in a new line must not run there."""
    for blank in ("\n", "\r", "\r\n", "\x85", "\u2028"):
        name = f"a{blank}DROP TABLE x; --"
        stored = ConfigurationFactory.create(schema=name, role=name, warehouse=name, database=name, username=name)
        status, script = Api(stored.user)("GET", f"/{stored.pk}/setup-script")
        assert status == 200
        for text in script.values():
            assert "DROP TABLE" not in _QUOTED.sub("", text)
