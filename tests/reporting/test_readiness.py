"""Whether it lives, and whether it is ready; also where PostgreSQL gives no answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import DestinationState
from sync import queue
from sync.reporting import readiness
from tests.web.console.conftest import Owner

TRIGGER = "ALTER TABLE workflow_executions {} TRIGGER trigger_queue_universal_snowflake_sync"


def test_it_lives_whatever_the_database_does(client: Client) -> None:
    """No database is allowed in this test."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert client.post("/healthz").status_code == 405


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    for name in ("CONNECTING", "ANSWERING", "PATIENCE"):
        monkeypatch.setattr(readiness, name, 60)


@pytest.fixture
def ready(transactional_db: None, patient: None) -> Callable[[], dict[str, Any]]:
    def ask() -> dict[str, Any]:
        answer = Client().get("/readyz")
        body: dict[str, Any] = answer.json()
        assert answer.status_code == (200 if body["ready"] else 503)
        return {name: check["ok"] for name, check in body["checks"].items()}

    return ask


@pytest.fixture
def trigger(transactional_db: None) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER.format("ENABLE"))


@pytest.mark.usefixtures("trigger")
def test_it_is_ready_when_each_thing_is(ready: Callable[[], dict[str, Any]], ada: Owner) -> None:
    everything = dict.fromkeys(("database", "migrations", "trigger", "worker", "lag"), True)
    assert ready() == {**everything, "worker": False}
    worker = queue.register_worker("host", 1, 5)
    assert ready() == everything
    ada.item("pending", ago=1000)
    assert ready() == {**everything, "lag": False}
    DestinationState.objects.update(breaker_state="open")
    assert ready() == everything
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER.format("DISABLE"))
    assert ready() == {**everything, "trigger": False}
    queue.sign_off(worker)
    assert ready() == {**everything, "trigger": False, "worker": False}


@pytest.mark.usefixtures("transactional_db", "patient")
def test_a_migration_that_is_not_applied_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    known = readiness._known_migrations() | {("sync", "9999_next")}
    monkeypatch.setattr(readiness, "_known_migrations", lambda: known)
    check = next(check for check in readiness.is_ready() if check.name == "migrations")
    assert (check.ok, check.detail) == (False, "1 migration not applied: run manage.py migrate")


def test_a_host_that_had_no_thread_left_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_look", list)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
        with pytest.raises(RuntimeError):
            readiness.is_ready()
    assert readiness.is_ready() == []


@pytest.fixture
def silent_server(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[socket.socket]:
    """Something that takes connections and never says a word, in the place of PostgreSQL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        host, port = server.getsockname()
        elsewhere = {**connection.settings_dict, "HOST": host, "PORT": port, "PASSWORD": "very secret"}

        def hurry() -> None:
            connection.settings_dict = {**elsewhere, "OPTIONS": {"connect_timeout": readiness.CONNECTING}}

        monkeypatch.setattr(readiness, "_hurry", hurry)
        yield server


@pytest.mark.django_db
def test_a_database_that_does_not_answer_takes_no_longer_than_that(
    client: Client, silent_server: socket.socket
) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert list(answer.json()["checks"]) == ["database"]
    said = answer.content.decode()
    assert "secret" not in said
    assert str(silent_server.getsockname()[1]) not in said


@pytest.mark.django_db
def test_only_one_question_waits_for_a_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PATIENCE", 0.2)
    goes_on = threading.Event()

    def hang() -> list[readiness.Check]:
        goes_on.wait(20)
        return []

    monkeypatch.setattr(readiness, "_look", hang)
    assert readiness.is_ready()[0].detail == "no answer within 0 s"
    assert "an earlier question" in readiness.is_ready()[0].detail
    goes_on.set()
    with readiness._asker._busy:
        pass
