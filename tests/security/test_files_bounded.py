"""Lists as files: sent part by part, to few at once, and to nobody who has left."""

import socket
import time
from collections.abc import Iterator
from functools import partial
from operator import itemgetter
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from sync.destinations.limits import EXPORTING
from sync.models import SyncActivity
from sync.web.console import activity, run_exports
from sync.web.console.exports import as_file
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory
from tests.processes import web_server
from tests.security.conftest import client_of
from tests.web.console.reading import kept

FILES = [f"/{name}.{form}" for name in ("runs", "errors", "activity") for form in ("csv", "json")]
COLUMNS = {"n": itemgetter(0)}


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ann(transactional_db: None) -> User:
    user: User = ConfigurationFactory.create().user
    return user


@pytest.mark.parametrize("path", FILES)
def test_a_user_is_sent_one_at_once_and_a_process_sends_two(ann: User, path: str) -> None:
    bob, carol = UserFactory.create_batch(2)
    first = client_of(ann).get(path)
    refused = client_of(ann).get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert "Another file is being sent." in refused.content.decode()
    second = client_of(bob).get(path)
    assert client_of(carol).get(path).status_code == 429
    assert kept(client_of(carol), path.partition(".")[0])
    # Whoever leaves before the first line gives the place back as whoever reads to the end does.
    first.close()
    assert b"".join(second)
    for user in (ann, bob, carol):
        assert kept(client_of(user), path)


def test_what_is_refused_takes_no_place(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(ann)
    assert client.get("/runs.csv?status=odd").status_code == 400

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(activity, "list_activity", fail)
        assert client.get("/activity.csv").status_code == 503
    assert kept(client, "/activity.csv")


def test_a_part_is_read_when_the_one_before_has_gone(ann: User) -> None:
    read: list[int] = []

    def part(number: int) -> Iterator[tuple[int]]:
        read.append(number)
        return ((number * 10 + place,) for place in range(2))

    for form, whole in (("csv", "n\r\n0\r\n1\r\n10\r\n11\r\n"), ("json", None)):
        read.clear()
        answer = as_file(ann.pk, form, "n", COLUMNS, (partial(part, n) for n in range(2)), is_whole=True)
        pieces = iter(answer)
        assert read == [0]
        sent = next(pieces)
        assert read == [0]
        sent += b"".join(pieces)
        assert read == [0, 1]
        assert sent.decode() == (whole or '{"n": [{"n": 0}, {"n": 1}, {"n": 10}, {"n": 11}], "is_whole": true}')
        answer.close()


def test_many_parts_are_one_list(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of runs and of activity, with each once, in their order, whatever the size of a part."""
    workflow = WorkflowFactory.create(user=ann)
    ids = [QueuedFactory.create(workflow=workflow, execution_id=f"run-{number}").execution_id for number in range(7)]
    SyncActivity.objects.bulk_create(
        SyncActivity(face="api", action="retry", subject_kind="runs", owner_id=ann.pk, subject_name=f"of {number}")
        for number in range(7)
    )
    whole = {path: kept(client_of(ann), path) for path in FILES}
    assert all(id_ in whole["/runs.csv"] for id_ in ids)
    for held in (1, 3, 7, 8):
        monkeypatch.setattr(run_exports, "PAGE", held)
        monkeypatch.setattr("sync.reporting.runs.PAGE", held)
        monkeypatch.setattr(activity, "HELD", held)
        assert {path: kept(client_of(ann), path) for path in FILES} == whole
        for most in (3, 6):
            with monkeypatch.context() as fewer:
                fewer.setattr(run_exports, "MOST", most)
                fewer.setattr(activity, "MOST", most)
                for path in ("/runs.csv", "/activity.csv"):
                    assert kept(client_of(ann), path).splitlines() == whole[path].splitlines()[: most + 1]
                    assert f"-latest-{most}.csv" in headers_of(client_of(ann), path)


def headers_of(client: Client, path: str) -> str:
    answer = client.get(path)
    b"".join(answer)
    return str(answer.headers["Content-Disposition"])


def test_what_is_too_slow_on_the_way_breaks_the_file_off(ann: User, settings: Settings) -> None:
    """Rather than end it as if that had been all."""
    settings.API_READ_TIMEOUT = 0.05

    def slow() -> list[tuple[int]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return []

    answer = as_file(ann.pk, "csv", "n", COLUMNS, iter([lambda: [(1,)], slow]))
    with pytest.raises(OperationalError):
        b"".join(answer)
    answer.close()
    with EXPORTING.place(ann.pk) as free:
        assert free


def test_who_leaves_in_the_middle_holds_no_place(settings: Settings) -> None:
    user = UserFactory.create()
    SyncActivity.objects.bulk_create(
        SyncActivity(face="api", action="retry", subject_kind="runs", owner_id=user.pk, note="x" * 3000)
        for _ in range(10_000)
    )
    cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
    asked = f"GET /activity.csv HTTP/1.1\r\nHost: localhost\r\nCookie: {settings.SESSION_COOKIE_NAME}={cookie}\r\n\r\n"
    with web_server() as (port, _):
        for _ in range(4):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as leaving:
                leaving.sendall(asked.encode())
                assert leaving.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 429")
        ends = time.monotonic() + 60
        while True:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as staying:
                staying.sendall(asked.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())
                sent = b"".join(iter(lambda: staying.recv(1 << 16), b""))
            if sent.startswith(b"HTTP/1.1 200"):
                break
            assert time.monotonic() < ends
        assert sent.count(b"x" * 3000) == 10_000
