"""What machines ask: the figures, whether it lives, whether it is ready; and the terminal."""

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration, User
from sync import history, queue
from sync.models import SyncAttempt
from sync.services.monitoring import readiness
from sync.services.prune import prune_history
from tests.monitor.conftest import Owner

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
TRIGGER = "ALTER TABLE workflow_executions {} TRIGGER trigger_queue_universal_snowflake_sync"


@pytest.fixture(autouse=True)
def token(settings: Settings) -> dict[str, str]:
    settings.METRICS_TOKEN = "a-secret-for-prometheus"
    return {"Authorization": "Bearer a-secret-for-prometheus"}


def scrape(client: Client, token: dict[str, str]) -> Samples:
    answer = client.get("/metrics", headers=token)
    assert answer.status_code == 200, answer.content
    families = list(text_string_to_metric_families(answer.content.decode()))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def attempt(owner: Owner, outcome: str = "completed", *, ago: float = 60.0, **fields: Any) -> None:
    ended = timezone.now() - timedelta(seconds=ago)
    item = owner.item("completed", ago=ago)
    values = {
        "due_at": ended - timedelta(seconds=4),
        "started_at": ended - timedelta(seconds=2),
        "finished_at": ended,
        "row_count": 10,
        "byte_count": 500,
        "statement_count": 3,
        **fields,
    }
    SyncAttempt.objects.create(item=item, configuration=owner.configuration, outcome=outcome, **values)


@pytest.mark.django_db
def test_the_figures_are_those_of_the_queue(client: Client, ada: Owner, token: dict[str, str]) -> None:
    queue.register_worker("host", 1, 5)
    ada.item("pending", ago=90)
    ada.failed()
    for outcome, code in (("completed", None), ("failed", "load_rejected"), ("retry", "odd"), ("rescued", None)):
        attempt(ada, outcome, error_code=code)
    attempt(ada, "refused")
    SnowflakeConfiguration.objects.update(breaker_state="open", breaker_code="login_refused")
    found = scrape(client, token)
    wanted = {
        ("snowflake_sync_items", (("status", "pending"),)): 1,
        ("snowflake_sync_items", (("status", "failed"),)): 1,
        ("snowflake_sync_items", (("status", "processing"),)): 0,
        ("snowflake_sync_attempts_total", (("outcome", "completed"),)): 1,
        ("snowflake_sync_attempts_total", (("outcome", "paused"),)): 0,
        ("snowflake_sync_failures_total", (("code", "load_rejected"), ("outcome", "failed"))): 1,
        ("snowflake_sync_failures_total", (("code", "other"), ("outcome", "retry"))): 1,
        ("snowflake_sync_rows_total", ()): 10,
        ("snowflake_sync_bytes_total", ()): 500,
        ("snowflake_sync_statements_total", ()): 15,
        ("snowflake_sync_rescues_total", ()): 1,
        ("snowflake_sync_stale_finishes_total", ()): 1,
        ("snowflake_sync_destinations", (("state", "paused"),)): 1,
        ("snowflake_sync_destinations", (("state", "working"),)): 0,
        ("snowflake_sync_destinations_paused", (("code", "login_refused"),)): 1,
        ("snowflake_sync_workers", (("state", "live"),)): 1,
        ("snowflake_sync_claim_wait_seconds_bucket", (("le", "1.0"),)): 0,
        ("snowflake_sync_claim_wait_seconds_bucket", (("le", "2.5"),)): 5,
        ("snowflake_sync_claim_wait_seconds_bucket", (("le", "+Inf"),)): 5,
        ("snowflake_sync_claim_wait_seconds_count", ()): 5,
        ("snowflake_sync_claim_wait_seconds_sum", ()): 10,
        ("snowflake_sync_load_seconds_count", ()): 1,
    }
    assert {key: found.get(key) for key in wanted} == wanted
    # What waits for a paused destination is not late.
    assert found["snowflake_sync_oldest_due_seconds", ()] == 0
    SnowflakeConfiguration.objects.update(breaker_state="closed")
    assert 90 <= scrape(client, token)["snowflake_sync_oldest_due_seconds", ()] < 120


@pytest.mark.django_db
def test_counters_do_not_go_down_when_history_is_pruned(client: Client, ada: Owner, token: dict[str, str]) -> None:
    for _ in range(3):
        attempt(ada, ago=50 * 86_400)
    before = scrape(client, token)
    item = ada.item("completed")
    SyncAttempt.objects.update(item=item)
    assert prune_history(30).attempts == 2
    after = scrape(client, token)
    growing = [key for key in before if key[0].endswith(("_total", "_bucket", "_count", "_sum"))]
    assert len(growing) > 30
    assert {key: after[key] for key in growing} == {key: before[key] for key in growing}
    assert after["snowflake_sync_attempts_total", (("outcome", "completed"),)] == 3


@pytest.mark.django_db
def test_labels_are_of_few_values(client: Client, ada: Owner, token: dict[str, str]) -> None:
    for number in range(30):
        attempt(ada, "failed", error_code=f"made up {number}")
    found = scrape(client, token)
    labels = {name for _, pairs in found for name, _ in pairs}
    assert labels == {"status", "outcome", "code", "state", "le"}
    assert found["snowflake_sync_failures_total", (("code", "other"), ("outcome", "failed"))] == 30


@pytest.mark.django_db
def test_open_metrics_is_answered_too(client: Client, ada: Owner, token: dict[str, str]) -> None:
    attempt(ada)
    answer = client.get("/metrics", headers={**token, "Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    families = openmetrics_families(answer.content.decode())  # type: ignore[no-untyped-call]
    assert {family.name for family in families} >= {"snowflake_sync_attempts", "snowflake_sync_load_seconds"}


@pytest.mark.django_db
def test_the_figures_are_for_those_who_may(
    client: Client, ada: Owner, staff: User, token: dict[str, str], settings: Settings
) -> None:
    assert client.get("/metrics").status_code == 401
    for wrong in ("Bearer wrong", "Bearer ", "Basic a-secret-for-prometheus", "Bearer \u00e4"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    client.force_login(ada.user)
    assert client.get("/metrics").status_code == 401
    client.force_login(staff)
    assert client.get("/metrics").status_code == 200
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_it_lives_whatever_the_database_does(client: Client) -> None:
    """No database is allowed in this test."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert client.post("/healthz").status_code == 405


@pytest.fixture
def ready(transactional_db: None) -> Callable[[], dict[str, Any]]:
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
    SnowflakeConfiguration.objects.update(breaker_state="open")
    assert ready() == everything
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER.format("DISABLE"))
    assert ready() == {**everything, "trigger": False}
    queue.sign_off(worker)
    assert ready() == {**everything, "trigger": False, "worker": False}


@pytest.mark.usefixtures("transactional_db")
def test_a_migration_that_is_not_applied_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    known = readiness._known_migrations() | {("sync", "9999_next")}
    monkeypatch.setattr(readiness, "_known_migrations", lambda: known)
    check = next(check for check in readiness.is_ready() if check.name == "migrations")
    assert (check.ok, check.detail) == (False, "1 migration not applied: run manage.py migrate")


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


def status(*arguments: str) -> tuple[str, int]:
    output = io.StringIO()
    try:
        call_command("sync_status", *arguments, stdout=output, no_color=True)
    except SystemExit as end:
        return output.getvalue(), int(end.code or 0)
    return output.getvalue(), 0


@pytest.mark.django_db
def test_the_terminal_says_the_verdict_first(ada: Owner) -> None:
    queue.register_worker("host", 17, 5)
    ada.item("completed")
    said, code = status()
    lines = said.splitlines()
    assert (lines[0], code) == ("All synced. Nothing is waiting.", 0)
    assert "0 pending  0 processing  1 completed  0 failed  0 skipped" in lines
    assert any(line.startswith(ada.configuration.name) and "working" in line for line in lines)
    assert any(line.startswith("host:17") and "live" in line for line in lines)
    ada.failed()
    said, code = status()
    assert (said.splitlines()[0], code) == ("1 item failed in the last hour.", 1)


@pytest.mark.django_db
def test_the_terminal_answers_programs(ada: Owner) -> None:
    ada.item("pending", ago=30)
    ada.failed("no_results")
    said, code = status("--json")
    answer = json.loads(said)
    assert code == 1
    assert answer["level"] == "bad"
    assert answer["items"] == {"pending": 1, "processing": 0, "completed": 0, "failed": 1, "skipped": 0}
    assert answer["errors"] == {"no_results": 1}
    assert 30 <= answer["oldest_due_seconds"] < 60
    assert answer["destinations"][0]["state"] == "working"


@pytest.mark.django_db
def test_watching_ends_with_ctrl_c(ada: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[float] = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("sync.management.commands.sync_status.time.sleep", sleep)
    said, code = status("--watch", "3")
    assert (rounds, code) == ([3, 3], 0)
    assert said.count("No worker is running") == 2
    with pytest.raises(CommandError):
        status("--watch", "soon")


@pytest.mark.django_db
def test_a_password_for_the_page_and_nothing_else(ada: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    call_command("set_password", ada.user.email, "--password-stdin", stdout=io.StringIO())
    ada.user.refresh_from_db()
    assert ada.user.check_password("correct horse battery")
    assert not ada.user.is_staff
    call_command("set_password", ada.user.email, "--remove", stdout=io.StringIO())
    ada.user.refresh_from_db()
    assert not ada.user.check_password("correct horse battery")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("set_password", ada.user.email, "--password-stdin")
    with pytest.raises(CommandError, match="There is no user"):
        call_command("set_password", "nobody@example.com", "--remove")


def test_the_bounds_rise() -> None:
    assert sorted(set(history.BOUNDS)) == list(history.BOUNDS)
