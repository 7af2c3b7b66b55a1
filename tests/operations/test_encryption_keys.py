"""rotate_encryption_keys, and what is said of secrets that no key opens."""

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import checks
from django.core.management import call_command
from pytest_django import Settings

from accounts import secrets, stored_secrets
from accounts.models import ENCRYPTED, DestinationState, SnowflakeConfiguration
from accounts.stored_secrets import unreadable_secrets
from sync import destinations
from sync.errors import failure
from sync.installation.verify import check_installation
from sync.operations import encryption
from sync.operations.encryption import rotate_encryption_keys
from tests.factories import ConfigurationFactory

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
Method = SnowflakeConfiguration.AuthMethod


@pytest.fixture
def stored(db: None, settings: Settings) -> list[SnowflakeConfiguration]:
    """Seven configurations of the old key, the first with a secret in each column."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    found: list[SnowflakeConfiguration] = ConfigurationFactory.create_batch(7)
    for column in ENCRYPTED:
        found[0].seal(column, f"secret of {column}")
    found[0].save()
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    return found


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("rotate_encryption_keys", "-v", "0", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_all_are_readable_with_the_new_key_alone(stored: list[SnowflakeConfiguration], settings: Settings) -> None:
    code, said = run("--dry-run")
    assert (code, "encrypted with the newest key: 10" in said) == (0, True)
    code, said = run()
    assert (code, "encrypted with the newest key: 10" in said) == (0, True)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert unreadable_secrets() == []
    first = SnowflakeConfiguration.objects.get(pk=stored[0].pk)
    for column in ENCRYPTED:
        assert first.unseal(column) == f"secret of {column}"
    counts = rotate_encryption_keys()
    assert (counts.rotated, counts.current) == (0, 10)


def test_broken_off_and_run_again(stored: list[SnowflakeConfiguration], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_secrets, "AT_ONCE", 2)
    done: list[int] = []

    def interrupt(read: int, _total: int) -> None:
        done.append(read)
        if read >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_encryption_keys(progress=interrupt)
    counts = rotate_encryption_keys()
    assert done == [2, 4]
    assert counts.current >= 4
    assert counts.rotated + counts.current == 10
    assert all(
        secrets.is_current(getattr(one, column), one.place_of(column))
        for one in SnowflakeConfiguration.objects.all()
        for column in ENCRYPTED
        if getattr(one, column)
    )


def test_what_somebody_else_changed_is_theirs(
    stored: list[SnowflakeConfiguration], monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = stored[3]

    def change_first(text: str, place: str) -> bool:
        if text == theirs.password_encrypted:
            theirs.set_secret(Method.PASSWORD, "entered a moment ago")
            theirs.save(update_fields=["password_encrypted"])
        return secrets.is_current(text, place)

    monkeypatch.setattr(encryption, "is_current", change_first)
    counts = rotate_encryption_keys()
    assert (counts.rotated, counts.changed) == (9, 1)
    theirs.refresh_from_db()
    assert theirs.open_secret(Method.PASSWORD) == "entered a moment ago"
    assert run()[0] == 0


def test_what_no_key_opens_is_named_and_left(stored: list[SnowflakeConfiguration], settings: Settings) -> None:
    SnowflakeConfiguration.objects.filter(pk=stored[5].pk).update(password_encrypted="gAAAA nonsense")
    code, said = run()
    assert code == 1
    assert str(stored[5].pk) in said
    assert "can go" not in said
    stored[5].refresh_from_db()
    assert stored[5].password_encrypted == "gAAAA nonsense"
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert unreadable_secrets() == [stored[5].pk]


def test_a_destination_keeps_what_it_has_proved(transactional_db: None, stored: list[SnowflakeConfiguration]) -> None:
    """The same secret is no reason to try it again: two refusals are enough, however it is encrypted."""
    refused, proven = stored[1], stored[2]
    DestinationState.objects.filter(pk=refused.pk).update(last_login_at=None)
    for _ in range(2):
        destinations.pause_destination(refused.pk, failure("login_refused", "No"))
        DestinationState.objects.filter(pk=refused.pk, breaker_until__isnull=False).update(
            breaker_until=refused.created_at
        )
    assert run()[0] == 0
    refused.refresh_from_db()
    state = refused.state
    assert (state.breaker_state, state.breaker_until, state.breaker_failures) == ("open", None, 2)
    proven.refresh_from_db()
    assert proven.state.last_login_at is not None

    # A secret that really changes afterwards, in the same session, is news.
    refused.set_secret(Method.PASSWORD, "another")
    refused.save(update_fields=["password_encrypted"])
    refused.refresh_from_db()
    assert refused.state.breaker_state == "closed"


def said_of_secrets() -> list[checks.CheckMessage]:
    found = checks.run_checks(tags=["database"], databases=["default"])
    return [message for message in found if str(message.id).startswith("sync.")]


def test_a_wrong_key_is_said_by_the_checks(stored: list[SnowflakeConfiguration], settings: Settings) -> None:
    assert said_of_secrets() == []
    settings.FIELD_ENCRYPTION_KEYS = [OTHER]
    (message,) = said_of_secrets()
    assert message.id == "sync.E007"
    assert "7 destinations" in message.msg
    assert str(stored[0].pk) in message.msg or "and 2 more" in message.msg
    assert OTHER not in str(message)
    (finding,) = [finding for finding in check_installation() if finding.name == "secrets"]
    assert not finding.ok
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    (finding,) = [finding for finding in check_installation() if finding.name == "secrets"]
    assert finding.ok


def test_malformed_keys_are_said_once(stored: Any, settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["nonsense"]
    assert said_of_secrets() == []
    assert "sync.E005" in {message.id for message in checks.run_checks()}
