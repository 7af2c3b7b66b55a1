"""Rules are changed as a whole or one by one: what people edit, and the versions that loads go by."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from accounts.models import SnowflakeConfiguration
from sync.destinations.connect import destination_of
from sync.models import SyncHashKey, SyncRule, SyncRuleVersion
from sync.operations import (
    NoSuchRuleError,
    NothingHashedError,
    StaleRulesError,
    add_rule,
    change_rules,
    delete_rule,
    edit_rule,
    move_rule,
    rotate_hash_key,
    rules_of,
    switch_rule,
)
from sync.rules import RulesError, documents, of_version, read_rules
from tests.factories import ConfigurationFactory

ADA, BOB = "ada@example.com", "bob@example.com"
DROP: dict[str, Any] = {"name": "no notes", "kind": "column", "action": "drop", "columns": ["notes"]}
PAID: dict[str, Any] = {
    "name": "paid",
    "kind": "rows",
    "where": {"column": "state", "operator": "eq", "value": "paid"},
}
QUIET: dict[str, Any] = {"name": "not the noisy one", "kind": "scope", "action": "exclude", "workflow": "noisy-*"}
HASH: dict[str, Any] = {"name": "e-mails", "kind": "column", "action": "hash", "columns": ["email"]}
THREE = [DROP, PAID, QUIET]


@pytest.fixture
def where(db: None) -> UUID:
    """The id of a destination."""
    configuration: SnowflakeConfiguration = ConfigurationFactory.create()
    return configuration.pk


def said(where: UUID) -> list[dict[str, Any]]:
    """The documents in force; what people edit says the same."""
    rows = SyncRule.objects.filter(configuration=where)
    assert [row.name for row in rows] == [rule.name for rule in rules_of(where).rules]
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    return documents(rules_of(where).rules)


def put(where: UUID, wanted: list[dict[str, Any]], author: str = ADA, expected: int | None = None) -> int:
    """The version that there is then."""
    return change_rules(where, wanted, author=author, expected_version=expected).rules.version


def test_there_are_none_at_first(where: UUID) -> None:
    assert (rules_of(where).version, rules_of(where).rules) == (0, ())
    assert put(where, [], expected=0) == 0
    assert not SyncRuleVersion.objects.exists()


def test_each_change_makes_a_version_and_what_changes_nothing_makes_none(where: UUID) -> None:
    assert put(where, THREE, expected=0) == 1
    assert put(where, THREE, BOB, expected=1) == 1
    assert said(where) == THREE
    assert put(where, [], BOB, expected=1) == 2
    assert said(where) == []
    versions = SyncRuleVersion.objects.order_by("version").values_list("version", "rules", "author", "hash_key")
    assert list(versions) == [(1, THREE, ADA, None), (2, [], BOB, None)]


def test_typed_rules_are_as_good_as_documents(where: UUID) -> None:
    change_rules(where, read_rules(THREE), author=ADA, expected_version=0)
    assert said(where) == THREE


def test_a_rule_that_stays_as_it_is_keeps_its_author_and_dates(where: UUID) -> None:
    put(where, THREE)
    before = {row.name: row for row in SyncRule.objects.all()}
    put(where, [QUIET, {**PAID, "note": "for finance"}, {**DROP, "name": "other notes"}], BOB)
    after = {row.name: row for row in SyncRule.objects.all()}
    stayed, edited = after["not the noisy one"], after["paid"]
    first = before["not the noisy one"]
    assert (stayed.pk, stayed.author, stayed.created_at, stayed.updated_at) == (
        first.pk,
        ADA,
        first.created_at,
        first.updated_at,
    )
    assert (edited.pk, edited.author, edited.created_at) == (before["paid"].pk, BOB, before["paid"].created_at)
    assert after["other notes"].author == BOB
    assert after["other notes"].pk not in {row.pk for row in before.values()}


def test_one_is_not_true_and_not_one_point_nought(where: UUID) -> None:
    for version, value in enumerate((1, True, 1.0, "1"), 1):
        replaced = {"name": "fixed", "kind": "column", "action": "replace", "columns": ["a"], "value": value}
        assert put(where, [replaced]) == version
        assert put(where, [replaced]) == version


def test_what_people_edit_follows_also_if_somebody_has_changed_the_table(where: UUID) -> None:
    put(where, THREE)
    SyncRule.objects.filter(name="paid").delete()
    assert put(where, THREE, expected=1) == 1
    assert said(where) == THREE


def test_a_change_to_an_earlier_version_is_refused_and_says_who_was_first(where: UUID) -> None:
    put(where, [DROP], BOB)
    for seen in (0, 2):
        with pytest.raises(StaleRulesError, match=rf"version 1, made by {BOB} at 20\d\d-.* to version {seen}\."):
            put(where, [PAID], expected=seen)
    with pytest.raises(StaleRulesError):
        delete_rule(where, "no notes", author=ADA, expected_version=0)
    assert said(where) == [DROP]


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ([DROP, {**PAID, "where": {"column": "state", "operator": "eq"}}], 1),
        ([DROP, PAID, {**DROP, "name": "NO Notes"}], 2),
        ([DROP, {**PAID, "name": "STRASSE"}, {**PAID, "name": "straße"}], 2),
        ([{**DROP, "columns": []}], 0),
        ([{**DROP, "kind": "unheard of"}], 0),
    ],
)
def test_what_cannot_be_read_changes_nothing(where: UUID, wanted: list[dict[str, Any]], place: int) -> None:
    put(where, [QUIET])
    with pytest.raises(RulesError) as refused:
        put(where, wanted)
    assert {problem[0][0] for problem in refused.value.problems} == {place}
    assert said(where) == [QUIET]


def test_one_by_one(where: UUID) -> None:
    add_rule(where, PAID, author=ADA)
    add_rule(where, QUIET, author=ADA, expected_version=1)
    add_rule(where, DROP, author=ADA, position=1)
    assert said(where) == THREE
    move_rule(where, "NOT the noisy one", 1, author=ADA)
    assert said(where) == [QUIET, DROP, PAID]
    move_rule(where, "no notes", 99, author=ADA)
    assert said(where) == [QUIET, PAID, DROP]
    switch_rule(where, "paid", enabled=False, author=BOB)
    assert said(where) == [QUIET, {**PAID, "enabled": False}, DROP]
    switch_rule(where, "paid", enabled=True, author=BOB)
    edit_rule(where, "no notes", {"name": "no remarks", "columns": ["notes", "remarks"], "note": "n"}, author=BOB)
    assert said(where)[2] == {**DROP, "name": "no remarks", "columns": ["notes", "remarks"], "note": "n"}
    edit_rule(where, "no remarks", {"note": None}, author=BOB)
    delete_rule(where, "not the noisy one", author=BOB, expected_version=rules_of(where).version)
    assert [rule["name"] for rule in said(where)] == ["paid", "no remarks"]
    assert "note" not in said(where)[1]
    assert rules_of(where).version == 10


def test_a_rule_that_is_not_there(where: UUID) -> None:
    put(where, THREE)
    changes: list[Callable[[], object]] = [
        lambda: edit_rule(where, "other", {"note": "n"}, author=ADA),
        lambda: move_rule(where, "other", 1, author=ADA),
        lambda: switch_rule(where, "other", enabled=False, author=ADA),
        lambda: delete_rule(where, "other", author=ADA),
    ]
    for change in changes:
        with pytest.raises(NoSuchRuleError):
            change()
    with pytest.raises(SnowflakeConfiguration.DoesNotExist):
        put(uuid4(), THREE)


def test_what_is_edited_must_be_a_rule_still(where: UUID) -> None:
    put(where, THREE)
    with pytest.raises(RulesError):
        edit_rule(where, "no notes", {"columns": None}, author=ADA)
    with pytest.raises(RulesError):
        edit_rule(where, "no notes", {"name": "PAID"}, author=ADA)
    assert (rules_of(where).version, said(where)) == (1, THREE)


def test_a_version_names_the_key_that_hashes_are_made_with(where: UUID) -> None:
    put(where, [{**HASH, "enabled": False}])
    assert (rules_of(where).hash_key, SyncHashKey.objects.count()) == (None, 0)
    switch_rule(where, "e-mails", enabled=True, author=ADA)
    assert rules_of(where).hash_key == 1
    put(where, [])
    put(where, [HASH])
    assert (rules_of(where).version, rules_of(where).hash_key, SyncHashKey.objects.count()) == (4, 1, 1)


def test_a_new_key_is_a_new_version_of_the_same_rules(where: UUID) -> None:
    with pytest.raises(NothingHashedError):
        rotate_hash_key(where, author=ADA)
    put(where, [HASH, DROP])
    before = list(SyncRule.objects.values())
    with pytest.raises(StaleRulesError):
        rotate_hash_key(where, author=BOB, expected_version=0)
    changed = rotate_hash_key(where, author=BOB, expected_version=1)
    assert changed.rules == rules_of(where)
    assert (rules_of(where).version, rules_of(where).hash_key, said(where)) == (2, 2, [HASH, DROP])
    assert list(SyncRule.objects.values()) == before
    assert put(where, [HASH, DROP]) == 2
    assert put(where, [HASH]) == 3
    assert rules_of(where).hash_key == 2
    assert list(SyncHashKey.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_destinations_have_rules_of_their_own(where: UUID) -> None:
    other = ConfigurationFactory.create().pk
    put(where, THREE)
    put(other, [DROP])
    put(where, [PAID])
    assert (rules_of(other).version, said(other)) == (1, [DROP])


def test_a_thousand_rules(where: UUID) -> None:
    many = [{**DROP, "name": f"rule {number}", "columns": [f"c{number}"]} for number in range(1000)]
    put(where, many)
    move_rule(where, "rule 999", 1, author=BOB)
    assert [rule["name"] for rule in said(where)][:2] == ["rule 999", "rule 0"]
    assert set(SyncRule.objects.values_list("author", flat=True)) == {ADA}
    with pytest.raises(RulesError):
        add_rule(where, PAID, author=ADA)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_the_same_version_one_wins() -> None:
    where = ConfigurationFactory.create().pk
    put(where, [QUIET])
    together = Barrier(8)

    def change(number: int) -> str:
        try:
            together.wait()
            put(where, [{**DROP, "name": f"of {number}"}], f"{number}", expected=1)
        except StaleRulesError as refused:
            return str(refused)
        finally:
            connections.close_all()
        return "won"

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(change, range(8)))
    winner = answers.index("won")
    assert [answer for answer in answers if f"made by {winner} at" not in answer] == ["won"]
    assert said(where) == [{**DROP, "name": f"of {winner}"}]


@pytest.mark.django_db(transaction=True)
def test_changes_of_one_rule_do_not_lose_each_other() -> None:
    where = ConfigurationFactory.create().pk

    def add(number: int) -> None:
        try:
            add_rule(where, {**DROP, "name": f"of {number}"}, author=ADA)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(16)))
    assert {rule["name"] for rule in said(where)} == {f"of {number}" for number in range(16)}
    assert rules_of(where).version == 16


def test_a_version_that_another_database_has_is_not_remembered(where: UUID) -> None:
    """A restored backup, or a replica that took over, gives a version's number once more."""
    put(where, [DROP])
    assert said(where) == [DROP]
    SyncRuleVersion.objects.filter(configuration=where).delete()
    SyncRule.objects.filter(configuration=where).delete()
    later = datetime.now(UTC) + timedelta(hours=1)
    SyncRuleVersion.objects.create(configuration_id=where, version=1, rules=[HASH], hash_key=1, made_at=later)
    assert documents(rules_of(where).rules) == [HASH]
    _, _, version, made_at = destination_of(where)
    assert documents(of_version(where, version, made_at).rules) == documents(of_version(where, 1).rules) == [HASH]
