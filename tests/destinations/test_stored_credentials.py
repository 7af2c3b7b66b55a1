"""Credentials are read by a log-in and by nothing else; a change of what is stored is known without reading it."""

import pytest

from accounts.models import ENCRYPTED, SnowflakeConfiguration
from sync.destinations import connect
from sync.destinations.connect import destination_of
from sync.errors import DestinationError
from sync.models import SyncAttempt
from sync.snowflake.session import Credentials, Pool, make_private_key
from tests.factories import ConfigurationFactory, UserFactory
from tests.world import World

Method = SnowflakeConfiguration.AuthMethod


def key() -> str:
    """What tells a session of the one destination from another's."""
    return destination_of(SnowflakeConfiguration.objects.get().pk)[1].key


@pytest.mark.parametrize("column", [*ENCRYPTED, "username", "account_identifier", "role", "warehouse", "auth_method"])
def test_whatever_changes_makes_other_sessions(db: None, column: str) -> None:
    ConfigurationFactory.create()
    before = key()
    assert key() == before
    SnowflakeConfiguration.objects.update(**{column: "oauth" if column == "auth_method" else "changed"})
    assert key() != before


def test_a_warm_session_serves_no_other_row_and_no_other_owner(world: World) -> None:
    """A secret that was copied, or whose owner was changed by SQL, opens nowhere; nor does what it has opened."""
    there = SnowflakeConfiguration.objects.get()
    pool = Pool()
    with pool.session(destination_of(there.pk)[1]):
        pass
    other = ConfigurationFactory.create(user=UserFactory.create(), database=there.database)
    copied = {name: getattr(there, name) for name in ("account_identifier", "username", "auth_method", *ENCRYPTED)}
    SnowflakeConfiguration.objects.filter(pk=other.pk).update(**copied)
    with pytest.raises(DestinationError, match="cannot be opened"), pool.session(destination_of(other.pk)[1]):
        pass
    SnowflakeConfiguration.objects.filter(pk=there.pk).update(user=UserFactory.create())
    with pytest.raises(DestinationError, match="cannot be opened"), pool.session(destination_of(there.pk)[1]):
        pass


def test_a_key_is_read_for_each_log_in_and_not_for_each_load(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    username = world.snowflake.database
    world.snowflake.server.reset_log()
    world.configuration.username = username
    world.configuration.set_secret(Method.KEY_PAIR, make_private_key())
    world.configuration.save()
    read: list[SnowflakeConfiguration] = []
    real = connect.credentials_of

    def credentials_of(configuration: SnowflakeConfiguration) -> Credentials:
        read.append(configuration)
        return real(configuration)

    monkeypatch.setattr(connect, "credentials_of", credentials_of)
    for n in range(8):
        world.complete([("clicks", "integer")], [[n]])
    world.work(concurrency=1)
    logins = [login for login in world.snowflake.server.logins() if login.user.upper() == username.upper()]
    assert len(read) == len(logins) == 1
    assert list(SyncAttempt.objects.values_list("outcome", flat=True)) == ["completed"] * 8


def test_what_cannot_be_read_is_found_out_by_the_log_in(db: None) -> None:
    ConfigurationFactory.create()
    SnowflakeConfiguration.objects.update(password_encrypted="no ciphertext")
    destination = destination_of(SnowflakeConfiguration.objects.get().pk).destination
    with pytest.raises(DestinationError, match="cannot be opened"), Pool().session(destination):
        pass
    assert "no ciphertext" not in repr(destination)
