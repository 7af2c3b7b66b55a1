"""The figures that Prometheus collects: right, monotonic, of few labels, and for those who may see them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.models import DestinationState, User
from sync import queue
from sync.models import SyncAttempt
from sync.operations.prune import prune_history
from sync.reporting import history
from tests.web.console.conftest import Owner

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
TRIGGER = "ALTER TABLE workflow_executions {} TRIGGER trigger_queue_universal_snowflake_sync"


@pytest.fixture(autouse=True)
def token(settings: Settings) -> dict[str, str]:
    settings.METRICS_TOKEN = "a-secret-for-prometheus"
    return {"Authorization": "Bearer a-secret-for-prometheus"}


def scrape(client: Client, token: dict[str, str]) -> Samples:
    """What is collected once a worker has added up the past."""
    history.add_up()
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
    worker = queue.register_worker("host", 1, 5)
    ada.item("processing", worker_id=worker, claim_token=1)
    ada.item("pending", ago=90)
    ada.failed()
    for outcome, code in (("completed", None), ("failed", "load_rejected"), ("retry", "odd"), ("rescued", None)):
        attempt(ada, outcome, error_code=code)
    attempt(ada, "refused")
    DestinationState.objects.update(breaker_state="open", breaker_code="login_refused")
    found = scrape(client, token)
    wanted = {
        ("snowflake_sync_items", (("status", "pending"),)): 1,
        ("snowflake_sync_items", (("status", "failed"),)): 1,
        ("snowflake_sync_items", (("status", "processing"),)): 1,
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
        ("snowflake_sync_in_flight", ()): 1,
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
    DestinationState.objects.update(breaker_state="closed")
    assert 90 <= scrape(client, token)["snowflake_sync_oldest_due_seconds", ()] < 390


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
def test_collecting_writes_nothing(client: Client, ada: Owner, token: dict[str, str]) -> None:
    ada.item("pending")
    attempt(ada)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        assert client.get("/metrics", headers=token).status_code == 200
        transaction.set_rollback(True)


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


def test_the_bounds_rise() -> None:
    assert sorted(set(history.BOUNDS)) == list(history.BOUNDS)
