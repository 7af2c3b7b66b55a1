"""A worker of an earlier version, which would load everything as it is, and rules are not there together."""

from datetime import timedelta

import pytest
from django.db import InternalError, connection
from django.utils import timezone

from sync.models import SyncRuleVersion, SyncWorker
from sync.operations import EarlierWorkerError, change_rules
from sync.queue import heartbeat, register_worker
from tests.factories import ConfigurationFactory
from tests.operations.rules.tried import column

pytestmark = pytest.mark.django_db(transaction=True)

_REGISTER = "INSERT INTO snowflake_sync_workers (host, pid, concurrency) VALUES ('old', 7, 4) RETURNING id"


def register_earlier_worker() -> int:
    """As a version before rules does it."""
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER)
        return int(cursor.fetchone()[0])


def make_rules() -> None:
    configuration = ConfigurationFactory.create()
    change_rules(configuration.pk, [column("drop", "ssn")], author="me", expected_version=0)


def test_no_rules_are_made_while_one_is_at_work() -> None:
    worker = register_earlier_worker()
    register_worker("new", 8, 4)
    with pytest.raises(EarlierWorkerError, match=r"at work: old:7\.$"):
        make_rules()
    assert not SyncRuleVersion.objects.exists()
    SyncWorker.objects.filter(pk=worker).update(stopped_at=timezone.now())
    make_rules()


def test_one_whose_lease_is_over_does_not_come_back() -> None:
    worker = register_earlier_worker()
    SyncWorker.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    make_rules()
    assert not heartbeat(worker, in_flight=0, lease_seconds=7200)


def test_none_begins_where_there_are_rules() -> None:
    make_rules()
    with pytest.raises(InternalError, match="A worker of an earlier version would load everything without the rules"):
        register_earlier_worker()
    assert register_worker("new", 8, 4)
