"""The keys that values are hashed with: bound to their place, encrypted anew with the others, missed before they are
needed.
"""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration
from sync.destinations import ensure_key, key_of, rotate_key, unreadable_keys
from sync.errors import DestinationError
from sync.installation.verify import check_installation
from sync.models import SyncHashKey
from sync.operations import rotate_encryption_keys
from tests.factories import ConfigurationFactory, UserFactory
from tests.operations.test_encryption_keys import said_of_secrets

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    found: SnowflakeConfiguration = ConfigurationFactory.create()
    return found


def test_a_key_is_made_once_and_the_next_one_is_another(destination: SnowflakeConfiguration) -> None:
    assert [ensure_key(destination), ensure_key(destination)] == [1, 1]
    first = key_of(destination.pk, 1)
    assert [rotate_key(destination), ensure_key(destination)] == [2, 2]
    assert len(first) == len(key_of(destination.pk, 2)) == 32
    assert len({first, key_of(destination.pk, 2), key_of_another()}) == 3
    assert key_of(destination.pk, 1) == first


def key_of_another() -> bytes:
    other = ConfigurationFactory.create()
    return key_of(other.pk, ensure_key(other))


def test_who_rotates_at_the_same_moment_gets_the_same_key(
    destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.destinations.hash_keys.newest_key", lambda _: 0)
    assert rotate_key(destination) == 1
    key = key_of(destination.pk, 1)
    assert rotate_key(destination) == 1
    assert key_of(destination.pk, 1) == key


def test_what_is_stored_does_not_tell_it(destination: SnowflakeConfiguration, settings: Settings) -> None:
    key = key_of(destination.pk, ensure_key(destination))
    stored = SyncHashKey.objects.get().key_encrypted
    assert key.hex() not in stored
    assert Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(stored.encode()).decode().endswith(key.hex())


@pytest.mark.parametrize("copied", ["to another row", "to another number", "to another owner"])
def test_a_key_opens_where_it_was_stored(destination: SnowflakeConfiguration, copied: str) -> None:
    """Somebody who may write the table, and wants hashes that join with another's."""
    ensure_key(destination)
    stored = SyncHashKey.objects.get().key_encrypted
    number = 1
    if copied == "to another row":
        destination = ConfigurationFactory.create()
        SyncHashKey.objects.create(configuration=destination, number=1, key_encrypted=stored)
    elif copied == "to another number":
        number = 2
        SyncHashKey.objects.create(configuration=destination, number=2, key_encrypted=stored)
    else:
        SnowflakeConfiguration.objects.update(user=UserFactory.create())
    with pytest.raises(DestinationError) as refused:
        key_of(destination.pk, number)
    assert refused.value.code == "hash_key_unreadable"
    assert stored not in str(refused.value)
    assert unreadable_keys() == [destination.pk]


def test_a_key_that_is_gone(destination: SnowflakeConfiguration) -> None:
    with pytest.raises(DestinationError, match=r"Hash key 3 .* is gone"):
        key_of(destination.pk, 3)


def test_it_is_encrypted_anew_with_the_secrets(destination: SnowflakeConfiguration, settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    destination.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, "a password")
    destination.save()
    key = key_of(destination.pk, ensure_key(destination))
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert rotate_encryption_keys(dry_run=True).rotated == 2
    assert rotate_encryption_keys().rotated == 2
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert key_of(destination.pk, 1) == key
    assert rotate_encryption_keys().current == 2


def test_a_lost_key_is_said_by_the_checks_until_there_is_another(
    destination: SnowflakeConfiguration, settings: Settings
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    ensure_key(destination)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    destination.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, "a password")
    destination.save()
    assert rotate_encryption_keys().unreadable == [destination.pk]
    assert [(said.id, str(destination.pk) in said.msg) for said in said_of_secrets()] == [("sync.E007", True)]
    assert [finding.ok for finding in check_installation() if finding.name == "hash keys"] == [False]
    rotate_key(destination)
    assert rotate_encryption_keys().unreadable == []
    assert said_of_secrets() == []
    assert [finding for finding in check_installation() if finding.name == "hash keys"] == []
