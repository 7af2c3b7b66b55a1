"""/api/snowflake/configurations/{id}/rules: what is read, changed and refused, and in which words."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from sync.models import SyncRule
from sync.operations import NEW_KEY, change_rules, rules_of
from sync.postgres import fetch
from tests.factories import ExecutionFactory
from tests.web.api.conftest import Caller, Owned, caller_of
from tests.web.api.rules import DROP, HASH, PAID, Rules


@pytest.fixture
def rules(ada: Owned) -> Rules:
    return Rules(ada)


def named(answer: dict[str, Any]) -> list[str]:
    return [rule["name"] for rule in answer["rules"]]


def test_there_are_none_at_first(rules: Rules) -> None:
    nothing = {"version": 0, "author": "", "made_at": None, "hash_key": None, "rules": [], "about": []}
    assert rules("GET") == (200, nothing)
    assert rules("GET", "/versions") == (200, {"items": []})
    assert rules.put(0) == (200, {**nothing, "changed": False, "released": 0, "to_retry": 0, "findings": []})


def test_what_is_read_is_what_may_be_put(ada: Owned, rules: Rules) -> None:
    status, made = rules.put(0, DROP, PAID, HASH)
    assert (status, made["version"], made["changed"], made["author"]) == (200, 1, True, ada.user.email)
    status, read = rules("GET")
    assert (status, read["rules"], read["hash_key"]) == (200, [DROP, PAID, HASH], 1)
    assert [(one["name"], one["author"]) for one in read["about"]] == [
        (rule["name"], ada.user.email) for rule in (DROP, PAID, HASH)
    ]
    status, again = rules.put(read["version"], *read["rules"])
    assert (status, again["version"], again["changed"]) == (200, 1, False)


@pytest.mark.parametrize("number", ["0.1234567890123456789", "1e400", "-1e-400", "1e99999999999999999999", "NaN"])
def test_a_number_that_would_be_another_is_refused(rules: Rules, number: str) -> None:
    compared = {**PAID, "where": {"column": "state", "operator": "eq", "value": 0.25}}
    sent = json.dumps({"version": 0, "rules": [compared]}).replace("0.25", number)
    status, answer = rules("PUT", body=sent)
    assert (status, answer["code"]) == (400, "parse_error")
    assert ("NaN" if number == "NaN" else "write it in quotes") in answer["detail"]
    assert rules("GET")[1]["version"] == 0


@pytest.mark.parametrize("number", ["0.25", "1e3", "-0.5", "1.10", "9" * 30, "0.1"])
def test_a_number_that_is_kept_is_taken(rules: Rules, number: str) -> None:
    compared = {**PAID, "where": {"column": "state", "operator": "eq", "value": "here"}}
    status, _ = rules("PUT", body=json.dumps({"version": 0, "rules": [compared]}).replace('"here"', number))
    assert status == 200
    ((stored,),) = fetch("SELECT settings #>> '{where,value}' FROM snowflake_sync_rules", [])
    assert Decimal(stored) == Decimal(number)


def test_what_there_is_to_say_of_rules_is_said_with_the_change(ada: Owned, rules: Rules) -> None:
    # Either of the two may be the newest, and each keeps a column whatever is dropped here.
    columns = [{"name": "id", "type": "integer"}, {"name": "campaign", "type": "string"}]
    ExecutionFactory.create(workflow=ada.workflow, result_columns=columns)
    status, made = rules("POST", body={"rule": DROP})
    assert (status, [(one["rule"], one["level"]) for one in made["findings"]]) == (201, [("no notes", "warning")])
    assert "matches no column of the last 2 executions" in made["findings"][0]["said"]
    assert made["findings"] == rules("POST", "/check", {})[1]["items"]
    _, edited = rules("PATCH", "/named/no%20notes", {"rule": {"columns": ["id"]}})
    assert [one["level"] for one in edited["findings"]] == ["information"]
    # What conditions match tells values: who may change rules may not see results for that.
    operator = User.objects.create_user("operator@example.com", is_staff=True)
    may = ("view_snowflakeconfiguration", "change_snowflakeconfiguration")
    operator.user_permissions.set(Permission.objects.filter(codename__in=may))
    status, made = Rules(ada, caller_of(operator))("PUT", body={"version": 2, "rules": [DROP]})
    assert (status, made["findings"]) == (200, [])


def test_one_by_one(ada: Owned, staff: Caller, rules: Rules) -> None:
    assert rules("POST", body={"rule": DROP})[0] == 201
    status, answer = rules("POST", body={"rule": PAID, "position": 1, "version": 1})
    assert (status, named(answer)) == (201, ["paid/now", "no notes"])
    status, answer = Rules(ada, staff)("PATCH", "/named/PAID/now", {"rule": {"enabled": False}, "position": 2})
    assert (status, answer["rules"]) == (200, [DROP, {**PAID, "enabled": False}])
    assert [one["author"] for one in answer["about"]] == [ada.user.email, "staff@example.com"]
    status, answer = rules("PATCH", "/named/paid%2Fnow", {"rule": {"enabled": None, "name": "paid"}})
    assert (status, answer["rules"][1]) == (200, {**PAID, "name": "paid"})
    assert rules("DELETE", "/named/paid?version=3")[1]["code"] == "rules_changed"
    status, answer = rules("DELETE", "/named/paid?version=4")
    assert (status, named(answer), answer["version"]) == (200, ["no notes"], 5)
    status, answer = rules("GET", "/versions?limit=2")
    assert [(one["version"], one["author"]) for one in answer["items"]] == [(5, ada.user.email), (4, ada.user.email)]
    status, answer = rules("GET", "/versions?before=4")
    assert [one["version"] for one in answer["items"]] == [3, 2, 1]
    assert answer["items"][0]["author"] == "staff@example.com"
    status, answer = rules("GET", "/versions/2")
    assert (status, named(answer)) == (200, ["paid/now", "no notes"])


@pytest.mark.parametrize("version", [0, 6, 2**31 - 1, 2**31, 10**30])
def test_a_version_that_there_is_not(rules: Rules, version: int) -> None:
    rules.put(0, DROP)
    assert rules("GET", f"/versions/{version}")[0] == 404


def test_who_was_first_is_said_to_who_comes_later(ada: Owned, staff: Caller, rules: Rules) -> None:
    rules.put(0, DROP)
    assert Rules(ada, staff).put(1, PAID)[0] == 200
    for status, answer in (
        rules.put(1, HASH),
        rules("POST", body={"rule": HASH, "version": 1}),
        rules("PATCH", "/named/paid%2Fnow", {"rule": {"enabled": False}, "version": 1}),
        rules("POST", "/hash-key", {"version": 1}),
    ):
        assert (status, answer["code"]) == (409, "rules_changed")
        assert "version 2, made by staff@example.com at 20" in answer["detail"]
        assert answer["what_to_do"].startswith("Read the rules again")
    assert rules("GET")[1]["rules"] == [PAID]


@pytest.mark.parametrize(
    ("method", "path", "body", "fields"),
    [
        (
            "PUT",
            "",
            {"version": 1, "rules": [DROP, {**PAID, "where": {"all": [{"column": "a"}]}}]},
            ["rules.1.where.all.0"],
        ),
        ("PUT", "", {"version": 1, "rules": [DROP, {**DROP, "name": "NO notes"}]}, ["rules.1.name"]),
        (
            "PUT",
            "",
            {"version": 1, "rules": [{**DROP, "colums": ["a"], "columns": []}]},
            ["rules.0.columns", "rules.0.colums"],
        ),
        ("PUT", "", {"version": 1, "rules": [{**DROP, "name": "nul \0"}]}, ["rules.0.name"]),
        ("PUT", "", {"version": 1, "rules": [{**DROP, "name": "half \ud800"}]}, ["rules.0.name"]),
        ("PUT", "", {"version": 1, "rules": [3]}, ["rules.0"]),
        ("PUT", "", {"version": 1, "rules": [DROP] * 1001}, ["rules"]),
        ("PUT", "", {"rules": []}, ["version"]),
        ("PUT", "", {"version": 1, "rules": [], "rule": []}, ["rule"]),
        ("POST", "", {"rule": {**DROP, "name": "other", "columns": ["a"], "path": 3}}, ["rule.path"]),
        ("POST", "", {"rule": {"kind": "unheard of"}}, ["rule"]),
        ("POST", "", {"rule": DROP}, ["rule.name"]),
        ("POST", "", {"rule": DROP, "position": 0}, ["position"]),
        ("PATCH", "/named/no%20notes", {"rule": {"columns": None}}, ["rule.columns"]),
        ("PATCH", "/named/no%20notes", {"enabled": False}, ["enabled"]),
        ("POST", "/check", {"rules": [{}]}, ["rules.0"]),
        ("POST", "/preview", {"execution_id": "e", "rules": [{**DROP, "action": "hide"}]}, ["rules.0"]),
        ("POST", "/preview", {}, ["execution_id"]),
        ("POST", "/reload", {"dry_run": False}, ["as_of", "count", "version"]),
        ("POST", "/reload", {"after": "nonsense"}, ["after"]),
        ("GET", "/effect?since=then", None, ["since"]),
    ],
)
def test_what_is_wrong_is_named_by_its_place(
    rules: Rules, method: str, path: str, body: Any, fields: list[str]
) -> None:
    rules.put(0, DROP)
    status, answer = rules(method, path, body)
    assert (status, answer["code"]) == (400, "invalid")
    found = sorted({error["field"] for error in answer["errors"]})
    assert [field for field in found if field in fields] == fields, answer["errors"]
    assert rules("GET")[1]["rules"] == [DROP]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/named/other", {"rule": {"enabled": False}}),
        ("DELETE", "/named/other", None),
        ("POST", "/preview", {"execution_id": "unknown"}),
        ("GET", "/effect?workflow=unknown", None),
        ("POST", "/reload", {"workflow": "unknown"}),
    ],
)
def test_what_is_not_there(rules: Rules, method: str, path: str, body: Any) -> None:
    rules.put(0, DROP)
    assert rules(method, path, body)[0] == 404


def test_a_new_key_says_what_it_means(ada: Owned, rules: Rules) -> None:
    status, answer = rules("POST", "/hash-key")
    assert (status, answer["code"]) == (409, "nothing_is_hashed")
    rules.put(0, HASH)
    status, answer = rules("POST", "/hash-key", {"version": 1})
    assert (status, answer["version"], answer["hash_key"], answer["message"]) == (200, 2, 2, NEW_KEY)
    assert answer["author"] == ada.user.email
    assert rules("GET")[1]["rules"] == [HASH]


def test_rules_that_nobody_can_read_can_be_replaced(ada: Owned, rules: Rules) -> None:
    rules.put(0, DROP)
    ada.configuration.rule_versions.create(version=2, rules=[{"kind": "of the future"}])
    for path in ("/effect", ""):
        status, answer = rules("GET", path)
        assert (status, answer.get("code")) == ((409, "rules_unreadable") if path else (200, None))
    assert rules("PATCH", "/named/no%20notes", {"rule": {}})[1]["code"] == "rules_unreadable"
    assert rules.put(2, PAID)[0] == 200
    assert named(rules("GET")[1]) == ["paid/now"]


def test_a_thousand_rules_fit_into_a_request(rules: Rules) -> None:
    many = [{**DROP, "name": f"rule {number}", "note": "n" * 500} for number in range(1000)]
    assert rules.put(0, *many)[0] == 200
    assert len(rules("GET")[1]["rules"]) == SyncRule.objects.count() == 1000


def test_it_is_as_often_as_one_may(rules: Rules, settings: Any) -> None:
    settings.API_RATES = {"configure": "1/day", "backfill": "1/day"}
    assert rules.put(0, DROP)[0] == 200
    assert rules.put(1, PAID)[0] == 429
    assert rules("POST", "/check")[0] == 429
    assert (rules("POST", "/reload")[0], rules("POST", "/reload")[0]) == (200, 429)
    assert rules("GET")[0] == rules("GET", "/effect")[0] == 200


@pytest.mark.django_db(transaction=True)
def test_staff_see_no_results_without_the_right_to(ada: Owned, rules: Rules) -> None:
    change_rules(ada.configuration.pk, [DROP], author="", expected_version=0)
    operator = User.objects.create_user("operator@example.com", is_staff=True)
    body = {"execution_id": ada.execution.execution_id}
    operator.user_permissions.set(Permission.objects.filter(codename="view_snowflakeconfiguration"))
    assert Rules(ada, caller_of(operator))("GET")[0] == 200
    assert Rules(ada, caller_of(operator))("POST", "/preview", body)[0] == 404
    # Conditions that are made up would find a value out, answer by answer.
    assert Rules(ada, caller_of(operator))("POST", "/check", {"rules": [PAID]})[0] == 403
    operator.user_permissions.add(Permission.objects.get(codename="view_workflowexecution"))
    assert Rules(ada, caller_of(operator))("POST", "/preview", body)[0] == 200
    assert Rules(ada, caller_of(operator))("POST", "/check", {"rules": [PAID]})[0] == 200
    assert rules_of(ada.configuration.pk).version == 1
