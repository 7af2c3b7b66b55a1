"""The page of who has changed what, and its files."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from sync.activity import Action, Kind, acting, changes_between, record
from sync.models import SyncActivity
from tests.factories import UserFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import kept, text, words

Login = Callable[[User], Client]


def made(owner: User | None = None, *, face: str = "console", action: str = Action.RETRY, **more: Any) -> SyncActivity:
    fields = {"kind": Kind.RUNS, "id": "", "name": "", **more}
    with acting(face, owner, token=fields.pop("token", "")):
        made = record(action, fields.pop("kind"), owner_id=owner.pk if owner else None, **fields)
    return SyncActivity.objects.get(pk=made)


def test_each_change_is_a_sentence(ada: Owner, login: Login) -> None:
    about: Any = {"kind": Kind.DESTINATION, "id": ada.configuration.pk, "name": "Warehouse"}
    changes = changes_between(
        {"schema": "PUBLIC", "password_encrypted": "x"}, {"schema": "SALES", "password_encrypted": "y"}
    )
    made(ada.user, action=Action.DESTINATION_CHANGED, changes=changes, **about)
    made(ada.user, face="api", token="omni-ci", count=23, note="value does not fit")
    made(ada.user, action=Action.BACKFILL, kind=Kind.RUN, id="9c4a12f4-and-more", name="Campaigns", count=1)
    with acting("worker"):
        record(Action.DESTINATION_PAUSED, owner_id=ada.user.pk, note="password refused", **about)
    page = words(text(login(ada.user), "/activity"))
    assert "Warehouse changed history of Warehouse schema: PUBLIC → SALES password: changed" in page
    assert "token omni-ci API retry of 23 runs : value does not fit" in page
    assert "backfill of run Campaigns 9c4a12f4" in page
    assert "the sync itself worker Warehouse paused : password refused" in page
    assert page.index("paused") < page.index("backfill of") < page.index("retry of") < page.index("Warehouse changed")


def test_a_long_note_is_folded(staff: User, login: Login) -> None:
    names = [f"sync.{number:04}_snowflake_sync_step" for number in range(40)]
    made(action=Action.MIGRATED, kind=Kind.INSTALLATION, note=", ".join(names))
    page = text(login(staff), "/activity")
    shown, _, folded = page.partition("<summary>All of it</summary>")
    assert names[0] in shown
    assert names[39] not in shown
    assert ", ".join(names) in folded


def test_one_sees_what_is_ones_own_and_staff_with_the_right_all(
    ada: Owner, login: Login, owner: Callable[[], Owner]
) -> None:
    made(ada.user, name="of ada")
    made(owner().user, name="of bob")
    made(name="of nobody")
    clerk = User.objects.create_user("clerk@example.com", is_staff=True)
    names = ("of ada", "of bob", "of nobody")
    for user, seen in ((ada.user, [True, False, False]), (clerk, [False] * 3)):
        assert [name in text(login(user), "/activity") for name in names] == seen
        assert [name in kept(login(user), "/activity.csv") for name in names] == seen
    clerk.user_permissions.add(Permission.objects.get(codename="view_syncactivity"))
    assert all(name in text(login(clerk), "/activity") for name in names)
    assert Client().get("/activity").status_code == Client().get("/activity.csv").status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=ADA", "12"),
        ("who=omni", "2"),
        ("face=worker", "3"),
        ("action=destination_paused", "3"),
        ("about=ware", "3"),
        ("about=9c4a", "1"),
        ("about=run:9c4a12f4", "1"),
        ("about=run:9c4a", ""),
        ("since=2026-03-01", "3"),
        ("until=2026-03-01", "12"),
        ("since=2026-01-15&until=2026-02-15", "2"),
        ("who=ada&face=api", "2"),
    ],
)
def test_it_is_found_by_what_the_address_says(staff: User, login: Login, query: str, found: str) -> None:
    ada = UserFactory.create(email="ada@example.com")
    entries = [
        made(ada, kind=Kind.RUN, id="9c4a12f4", note="(1)"),
        made(ada, face="api", token="omni-ci", note="(2)"),
        made(face="worker", action=Action.DESTINATION_PAUSED, kind=Kind.DESTINATION, name="Warehouse", note="(3)"),
    ]
    for month, entry in enumerate(entries, 1):
        SyncActivity.objects.filter(pk=entry.pk).update(at=datetime(2026, month, 1, 12, tzinfo=UTC))
    page, file = text(login(staff), f"/activity?{query}"), kept(login(staff), f"/activity.json?{query}")
    assert [f"({n})" in page for n in (1, 2, 3)] == [str(n) in found for n in (1, 2, 3)]
    assert sorted(line["note"] for line in json.loads(file)["activity"]) == [f"({n})" for n in found]


def test_what_is_not_understood_is_said_on_the_page_and_refused_in_a_file(staff: User, login: Login) -> None:
    made(name="there")
    page = text(login(staff), "/activity?face=moon&since=never&cursor=x")
    assert "there" in page
    assert all(word in page for word in ("face: ", "since: ", "cursor: "))
    assert login(staff).get("/activity.csv?face=moon").status_code == 400


def test_pages_lead_on_without_a_gap(staff: User, login: Login) -> None:
    now = timezone.now()
    SyncActivity.objects.bulk_create(
        SyncActivity(
            face="console", action="retry", subject_kind="runs", note=f"({n})", at=now - timedelta(seconds=n // 7)
        )
        for n in range(120)
    )
    client, address, seen = login(staff), "/activity?who=", []
    for _ in range(3):
        answer = client.get(address)
        seen += [line["entry"].note for line in answer.context["lines"]]
        if answer.context["after"]:
            address = f"/activity?cursor={quote(answer.context['after'].encode())}"
    assert len(seen) == len(set(seen)) == 120
    assert "Earlier ones" not in answer.content.decode()


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "＝", " ="])  # noqa: RUF001
def test_no_spreadsheet_runs_a_file(staff: User, login: Login, begins: str) -> None:
    made(name=f"{begins}cmd|' /C calc'!A0", note=f'{begins}1,"2"\n3', count=-5)
    (line,) = csv.DictReader(io.StringIO(kept(login(staff), "/activity.csv"), newline=""))
    assert (line["name"], line["note"]) == (f"'{begins}cmd|' /C calc'!A0", f'\'{begins}1,"2"\n3')
    assert line["count"] == "-5"
    (told,) = json.loads(kept(login(staff), "/activity.json"))["activity"]
    assert told["name"] == f"{begins}cmd|' /C calc'!A0"


def disposition(client: Client) -> str:
    answer = client.get("/activity.csv")
    assert b"".join(answer)
    return str(answer["Content-Disposition"])


def test_a_file_has_an_end_and_says_so(staff: User, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        made()
    client = login(staff)
    assert json.loads(kept(client, "/activity.json"))["is_whole"] is True
    assert 'filename="activity.csv"' in disposition(client)
    monkeypatch.setattr("sync.web.console.activity.MOST", 3)
    told = json.loads(kept(client, "/activity.json"))
    assert (len(told["activity"]), told["is_whole"]) == (3, False)
    assert 'filename="activity-latest-3.csv"' in disposition(client)
