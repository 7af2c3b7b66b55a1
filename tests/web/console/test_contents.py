"""What is in a destination, as its owner sees it; the API, the command and alerts say the same."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration, User
from sync.alerts import Kind, look
from sync.alerts.condition import Seen
from sync.alerts.drift import drift
from sync.models import SyncActivity, SyncAlert, SyncFinding, SyncQueueItem, SyncReconciliation, SyncTable
from tests.web.api.conftest import caller_of
from tests.web.console.conftest import Owner
from tests.web.console.reading import seen, words

pytestmark = pytest.mark.django_db(transaction=True)
Login = Callable[[User], Client]


def found(owner: Owner, kind: str, **fields: object) -> SyncFinding:
    """An open finding of a run's own table, which is registered."""
    item = owner.item(schema_name="PUBLIC", table_name=f"T_{kind}", row_count=3)
    execution_id = item.execution.execution_id
    SyncTable.objects.create(
        configuration=owner.configuration,
        database_name="ANALYTICS",
        schema_name="PUBLIC",
        table_name=f"T_{kind}",
        execution_id=execution_id,
        columns=[{"name": "A", "type": "VARCHAR"}],
    )
    now = timezone.now()
    about = {"database_name": "ANALYTICS", "schema_name": "PUBLIC", "table_name": f"T_{kind}"}
    made = {"configuration": owner.configuration, "kind": kind, "execution_id": execution_id, **about, **fields}
    return SyncFinding.objects.create(**made, first_seen_at=now, last_seen_at=now)


def test_each_face_says_what_is_otherwise_and_cures_it(ada: Owner, login: Login) -> None:
    client, caller = login(ada.user), caller_of(ada.user)
    page = f"/destinations/{ada.configuration.pk}/contents"
    api = f"/api/snowflake/configurations/{ada.configuration.pk}/findings"
    assert "Nobody has looked yet" in words(seen(client, page))
    fewer = found(ada, "fewer_rows", expected={"rows": 3}, found={"rows": 2})
    columns = {"A": "NUMBER(38,0)", "_EXECUTION_ID": "VARCHAR", "_ROW_NUMBER": "NUMBER(38,0)", "_SYNCED_AT": "DATE"}
    other = found(ada, "columns", expected={"columns": {"A": "VARCHAR"}}, found={"columns": columns})
    theirs = found(ada, "replaced", found={"kind": "view"})

    shown = words(seen(client, page))
    assert "It has 2 rows; 3 were loaded. What to do: Load its runs again, or adopt it as it is." in shown
    assert "A is NUMBER(38,0), and was VARCHAR" in shown
    assert "What bears no mark of ours is never written to" in shown
    listed = {one["id"]: one for one in caller.ask("GET", api).json()["items"]}
    assert listed[fewer.pk]["said"] == "has 2 rows; 3 were loaded."
    assert [listed[one.pk]["cures"] for one in (fewer, theirs)] == [["load_again", "adopt"], []]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("sync_status", stdout=out)
    assert "3 tables are otherwise in Snowflake than loaded, at 1 destination" in out.getvalue()
    look()
    alert = SyncAlert.objects.get(kind=Kind.DRIFT)
    assert (alert.facts["what"], alert.count) == (
        f"At {ada.configuration} 3 tables are otherwise than loaded",
        3,
    )
    assert (alert.facts["path"], alert.user_id) == (page, ada.user.pk)

    client.post(f"{page}/cure", {"finding": fewer.pk, "cure": "load_again"})
    assert SyncQueueItem.objects.get(table_name="T_fewer_rows").status == "pending"
    assert caller.ask("POST", f"{api}/{other.pk}", {"cure": "adopt"}).json() == {"queued": 0}
    assert {one["name"] for one in SyncTable.objects.get(table_name="T_columns").columns or []} == set(columns)
    refused = caller.ask("POST", f"{api}/{theirs.pk}", {"cure": "adopt"})
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_cure")
    assert "That is no finding any more" in words(
        client.post(f"{page}/cure", {"finding": "٣", "cure": "adopt"}, follow=True).content.decode()
    )
    entries = SyncActivity.objects.filter(action__in=("load_again", "finding_adopted")).order_by("id")
    assert [(one.action, one.face, one.owner_id) for one in entries] == [
        ("load_again", "console", ada.user.pk),
        ("finding_adopted", "api", ada.user.pk),
    ]
    SyncFinding.objects.update(closed_at=timezone.now(), closed_how="gone")
    look()
    look()
    assert SyncAlert.objects.get(kind=Kind.DRIFT).closed_at is not None

    client.post(f"{page}/look")
    assert SyncReconciliation.objects.get().asked_at is not None
    assert "Asked for" in words(seen(client, page))


def test_it_is_its_owners_alone(ada: Owner, owner: Callable[[], Owner], login: Login) -> None:
    finding, bob = found(ada, "missing"), login(owner().user)
    for below in ("", "/look", "/cure"):
        sent = bob.post(
            f"/destinations/{ada.configuration.pk}/contents{below}", {"finding": finding.pk, "cure": "adopt"}
        )
        assert sent.status_code == 404
    assert SyncFinding.objects.get().closed_at is None


def test_each_face_counts_a_table_once_and_says_where_there_are_more(
    ada: Owner, login: Login, settings: Settings
) -> None:
    settings.METRICS_TOKEN = "a-secret-for-prometheus"
    made = found(ada, "missing")
    for kind, name in [("replaced", "T_missing"), *(("missing", f"T_{number}") for number in range(110))]:
        made.pk, made.kind, made.table_name = None, kind, name
        made.save(force_insert=True)
    client, page = login(ada.user), f"/destinations/{ada.configuration.pk}/contents"
    for unlisted, said in ((0, "111 tables are otherwise"), (7, "More than 111 tables are otherwise")):
        SyncReconciliation.objects.update_or_create(
            configuration=ada.configuration, defaults={"unlisted": unlisted, "looked_at": timezone.now()}
        )
        for condition in drift(timezone.now(), Seen()):
            assert condition.what == f"At {ada.configuration} {said} than loaded"
        status = StringIO()
        with pytest.raises(SystemExit):
            call_command("sync_status", stdout=status)
        assert f"\n{said} in Snowflake than loaded, at 1 destination" in status.getvalue()
        shown = seen(client, page)
        assert f" {said} than loaded " in shown
        assert ("More than" in shown) is bool(unlisted)
    token = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    measured = 'snowflake_sync_findings{kind="missing"} 111.0'
    assert measured in client.get("/metrics", headers=token).content.decode()
    SnowflakeConfiguration.objects.update(is_active=False)
    assert measured not in client.get("/metrics", headers=token).content.decode()
