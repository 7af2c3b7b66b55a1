"""Every operation that changes something writes down that it did: one that is new, and does not, fails here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import FunctionType
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync import destinations, operations
from sync.activity import ACTIONS, Action, acting
from sync.errors import failure
from sync.models import SyncActivity, SyncFinding, SyncQueueItem, Workflow
from sync.operations import Loaded
from sync.postgres import database_now
from sync.queue import BackfillFilter, Change, ItemFilter
from sync.reporting.activity import _DONE_TO_RUNS, _SENTENCES
from tests.activity.channels import of_channels
from tests.activity.retention import OF_RETENTION
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory

MARKER = "a-secret-that-must-not-show"
HASH = {"name": "Hash", "kind": "column", "action": "hash", "columns": ["email"]}
DROP = {"name": "Drop", "kind": "column", "action": "drop", "columns": ["note"]}
# Operations that change nothing, and those that are a part of another one, which records it.
READS = {
    *("check_rules", "check_unchanged", "count_effect", "count_others", "count_returning", "described", "draft_of"),
    *("find_item", "preview_change", "preview_removal", "preview_rules", "rule_versions", "rules_of", "silent"),
    *("preview_prune", "retention_of", "check_stays_away", "plan_erasure"),
    *("count_to_retry", "cures_of", "flat", "let_go", "subject", "sync_one", "what_to_do"),
    # With the local Snowflake: tests/warehouse/test_erasing.py.
    *("erase_results", "note_erased"),
}
OF_DESTINATIONS = {
    *(
        "apply_settings",
        "check_other_destinations",
        "check_rate",
        "check_slot",
        "check_there_is_a_secret",
        "counting_place",
        "export_place",
    ),
    *("by_hand", "end_trial", "ensure_key", "key_of", "keys_in_use", "newest_key", "note_login", "place_of"),
    *("register_statement", "rotate_key", "scripts_of", "unreadable_keys"),
    # With the local Snowflake: tests/activity/test_with_snowflake.py.
    *("activate_rotation", "check_configuration"),
}


@dataclass
class Place:
    """A destination of a user's, and its workflow."""

    user: User
    configuration: SnowflakeConfiguration
    workflow: Workflow

    def item(self, status: str, **fields: Any) -> SyncQueueItem:
        now = timezone.now()
        execution = QueuedFactory.create(workflow=self.workflow, snowflake_status="completed", completed_at=now)
        fields = {"status": status, "user": self.user, "configuration": self.configuration, **fields}
        SyncQueueItem.objects.filter(execution=execution).update(**fields)
        return SyncQueueItem.objects.get(execution=execution)

    def loaded(self) -> SyncQueueItem:
        return self.item("completed", schema_name="S", table_name="T", row_count=5)

    def put(self, *rules: dict[str, Any]) -> int:
        changed = operations.change_rules(self.configuration.pk, rules, author="", expected_version=None)
        return changed.rules.version

    def excluding(self) -> dict[str, Any]:
        return {"name": "Out", "kind": "scope", "action": "exclude", "workflow": self.workflow.workflow_id}


def retry(place: Place) -> None:
    place.item("failed")
    operations.apply_change(Change.RETRY, ItemFilter(), as_of=database_now(), wanted=1)


def leave_out(place: Place) -> None:
    execution = place.item("failed").execution_id
    operations.leave_out(place.configuration.pk, [execution], author="", expected_version=None)


def mute(place: Place) -> None:
    operations.mute_errors(place.user.pk, "login_refused", None, place.configuration, None)


def unmute(place: Place) -> None:
    mute(place)
    operations.unmute_errors(place.user.pk, "login_refused", None, place.configuration)


def reload_earlier(place: Place) -> None:
    place.loaded()
    version = place.put({"name": "Add", "kind": "add", "column": "source", "constant": MARKER})
    found = operations.count_effect(Loaded(place.configuration.pk))
    operations.reload_earlier(Loaded(place.configuration.pk), version=version, as_of=found.as_of, wanted=1)


def remove_excluded(place: Place) -> None:
    place.loaded()
    version = place.put(place.excluding())
    operations.remove_excluded(place.configuration.pk, version=version, as_of=database_now(), wanted=1)


def bring_back(place: Place) -> None:
    version = place.put(place.excluding())
    place.item("skipped", error_code="excluded_by_rule")
    version = place.put()
    operations.bring_back(place.configuration.pk, version=version, as_of=database_now(), wanted=1)


def backfill(place: Place) -> None:
    execution = QueuedFactory.create(workflow=place.workflow)
    SyncQueueItem.objects.filter(execution=execution).delete()
    operations.backfill_executions(BackfillFilter(workflow_ids=(place.workflow.pk,)))


def prune(place: Place) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    SyncActivity.objects.create(at=long_ago, face="worker", action="retry", subject_kind="runs")
    operations.prune_history()


def rotate_encryption(place: Place) -> None:
    with override_settings(FIELD_ENCRYPTION_KEYS=[Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]):
        operations.rotate_encryption_keys()


def token(place: Place) -> ApiToken:
    return operations.make_token(place.user, "ci")[0]


def rule(change: Callable[[Any], Any]) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        place.put(HASH, DROP)
        change(place.configuration.pk)

    return do


def note_rights(place: Place) -> None:
    operations.note_rights(place.user, [{"field": "groups", "from": "", "to": "Helpers"}])


def change_destination(place: Place) -> None:
    secret = destinations.Secret("password", MARKER)
    destinations.change_configuration(place.configuration.pk, {"schema": "SALES"}, secret)


def make_destination(place: Place) -> None:
    fields = {"account_identifier": "a-b", "warehouse": "W", "database": "D", "schema": "S", "username": "U"}
    destinations.create_configuration(place.user.pk, fields, destinations.Secret("password", MARKER))


def resume(by_hand: bool) -> Callable[[Place], None]:
    def do(place: Place) -> None:
        destinations.pause_destination(place.configuration.pk, failure("login_refused", "Wrong password"))
        (destinations.resume_by_hand if by_hand else destinations.resume_destination)(place.configuration.pk)

    return do


def forget(place: Place) -> None:
    SyncActivity.objects.create(face="api", action="retry", subject_kind="runs", user_name="gone@example.com")
    operations.forget_user("gone@example.com")


def adopt(place: Place) -> None:
    now = timezone.now()
    finding = SyncFinding.objects.create(
        configuration=place.configuration, kind="unknown", database_name="D", schema_name="S", table_name="T",
        found={"subject": "execution", "id": "x"}, first_seen_at=now, last_seen_at=now,
    )  # fmt: skip
    operations.cure_finding(finding.pk, operations.Cure.ADOPT)


EACH: dict[str, tuple[Callable[[Place], Any], Action]] = {
    "apply_change": (retry, Action.RETRY),
    "retry_failed_sync": (lambda place: operations.retry_failed_sync(place.item("failed").pk), Action.RETRY),
    "backfill_executions": (backfill, Action.BACKFILL),
    "change_rules": (lambda place: place.put(HASH), Action.RULES_CHANGED),
    "add_rule": (rule(lambda id_: operations.add_rule(id_, {**DROP, "name": "x"}, author="")), Action.RULES_CHANGED),
    "edit_rule": (rule(lambda id_: operations.edit_rule(id_, "Drop", {"note": "x"}, author="")), Action.RULES_CHANGED),
    "move_rule": (rule(lambda id_: operations.move_rule(id_, "Drop", 1, author="")), Action.RULES_CHANGED),
    "delete_rule": (rule(lambda id_: operations.delete_rule(id_, "Drop", author="")), Action.RULES_CHANGED),
    "switch_rule": (
        rule(lambda id_: operations.switch_rule(id_, "Drop", enabled=False, author="")),
        Action.RULES_CHANGED,
    ),
    "cure_finding": (adopt, Action.FINDING_ADOPTED),
    "mute_errors": (mute, Action.ERROR_MUTED),
    "unmute_errors": (unmute, Action.ERROR_UNMUTED),
    "leave_out": (leave_out, Action.RULES_CHANGED),
    "rotate_hash_key": (rule(lambda id_: operations.rotate_hash_key(id_, author="")), Action.HASH_KEY_ROTATED),
    "reload_earlier": (reload_earlier, Action.RULES_APPLIED),
    "remove_excluded": (remove_excluded, Action.EXCLUDED_REMOVED),
    **OF_RETENTION,
    "bring_back": (bring_back, Action.EXCLUDED_BROUGHT_BACK),
    "make_token": (token, Action.TOKEN_MADE),
    "revoke_tokens": (
        lambda place: operations.revoke_tokens(ApiToken.objects.filter(pk=token(place).pk)),
        Action.TOKEN_REVOKED,
    ),
    "set_password": (lambda place: operations.set_password(place.user, make_password(MARKER)), Action.PASSWORD_SET),
    "change_preferences": (
        lambda place: operations.change_preferences(place.user, time_zone="Asia/Kolkata", theme="dark"),
        Action.PREFERENCES_CHANGED,
    ),
    "change_powers": (lambda place: operations.change_powers(place.user, is_staff=True), Action.RIGHTS_CHANGED),
    "note_rights": (note_rights, Action.RIGHTS_CHANGED),
    "forget_user": (forget, Action.USER_FORGOTTEN),
    "make_user": (lambda _: operations.make_user("new@example.com"), Action.USER_MADE),
    "prune_history": (prune, Action.HISTORY_PRUNED),
    "rotate_encryption_keys": (rotate_encryption, Action.ENCRYPTION_ROTATED),
    "create_configuration": (make_destination, Action.DESTINATION_MADE),
    "change_configuration": (change_destination, Action.DESTINATION_CHANGED),
    "delete_configuration": (
        lambda place: destinations.delete_configuration(place.configuration.pk),
        Action.DESTINATION_DELETED,
    ),
    "begin_rotation": (lambda place: destinations.begin_rotation(place.configuration.pk), Action.KEY_PREPARED),
    "pause_by_hand": (lambda place: destinations.pause_by_hand(place.configuration.pk), Action.DESTINATION_PAUSED),
    "pause_destination": (
        lambda place: destinations.pause_destination(place.configuration.pk, failure("login_refused", "No")),
        Action.DESTINATION_PAUSED,
    ),
    "resume_by_hand": (resume(True), Action.DESTINATION_RESUMED),
    "resume_destination": (resume(False), Action.DESTINATION_RESUMED),
    **of_channels(MARKER),
}


@pytest.fixture
def place(db: None, settings: Settings) -> Place:
    user = UserFactory.create()
    configuration = ConfigurationFactory.create(user=user, secret=MARKER)
    return Place(user, configuration, WorkflowFactory.create(user=user))


@pytest.mark.parametrize("name", EACH)
def test_it_is_written_down_by_whom_and_whose_it_is(name: str, place: Place) -> None:
    do, action = EACH[name]
    by = UserFactory.create()
    with acting("console", by):
        do(place)
    entry = SyncActivity.objects.filter(action=action).latest("id")
    assert (entry.face, entry.user_id, entry.user_name) == ("console", by.pk, by.email)
    if (
        action not in (Action.HISTORY_PRUNED, Action.ENCRYPTION_ROTATED, Action.USER_MADE, Action.USER_FORGOTTEN)
        and name != "apply_change"
    ):
        assert entry.owner_id == place.user.pk
    stored = str(list(SyncActivity.objects.values()))
    assert MARKER not in stored
    assert not any(secret in stored for secret in ("gAAAA", "PRIVATE KEY", "pbkdf2_", "$argon2"))


def test_each_operation_is_in_the_table() -> None:
    for room, reads in ((operations, READS), (destinations, OF_DESTINATIONS)):
        known = {name for name in room.__all__ if isinstance(getattr(room, name), FunctionType)}
        assert known - reads - EACH.keys() == set(), "It changes something: add it to EACH. It does not: to READS."


def test_each_action_is_done_by_one_of_them() -> None:
    elsewhere = {Action.SKIP, Action.LOAD_AGAIN, Action.DESTINATION_CHECKED, Action.KEY_ROTATED, Action.MIGRATED}
    elsewhere |= {Action.ERASED}
    assert {action for _, action in EACH.values()} | elsewhere == set(Action) == set(ACTIONS)


def test_each_action_has_a_sentence() -> None:
    assert _DONE_TO_RUNS.keys() | _SENTENCES.keys() == set(Action)


def test_what_changes_nothing_is_not_written_down(place: Place) -> None:
    place.put(DROP)
    destinations.pause_by_hand(place.configuration.pk)
    SyncActivity.objects.all().delete()
    place.put(DROP)
    destinations.pause_by_hand(place.configuration.pk)
    destinations.change_configuration(place.configuration.pk, {"schema": place.configuration.schema}, None)
    operations.apply_change(Change.SKIP, ItemFilter(), as_of=database_now(), wanted=1)
    operations.backfill_executions(BackfillFilter(), dry_run=True)
    operations.revoke_tokens(ApiToken.objects.all())
    operations.prune_history()
    assert not SyncActivity.objects.exists()
