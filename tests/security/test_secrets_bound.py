"""Somebody who may write the table of destinations, and wants to use another's secret: a ciphertext that is copied."""

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import ENCRYPTED, SnowflakeConfiguration, User
from accounts.secrets import SecretUnreadableError
from accounts.stored_secrets import unreadable_secrets
from sync.operations.encryption import rotate_encryption_keys
from tests.factories import ConfigurationFactory, UserFactory
from tests.security.conftest import client_of
from tests.world import World

Method = SnowflakeConfiguration.AuthMethod
SECRET = "the victim's secret"


@pytest.fixture
def victim(db: None) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(secret=SECRET)


@pytest.fixture
def earlier(settings: Settings) -> Callable[[str], str]:
    """Encrypts as an earlier service does, whose key is known here."""
    settings.FERNET_KEY = Fernet.generate_key().decode()
    return lambda secret: Fernet(settings.FERNET_KEY).encrypt(secret.encode()).decode()


def test_in_another_row_it_does_not_open_and_the_item_says_what_to_do(world: World) -> None:
    """Mallory's row points to an account of Mallory's."""
    victim = ConfigurationFactory.create(secret=SECRET)
    mallory = SnowflakeConfiguration.objects.filter(pk=world.configuration.pk)
    mallory.update(account_identifier="mallory-account", password_encrypted=victim.password_encrypted)
    execution = world.complete([("n", "integer")], [[1]])
    world.snowflake.server.reset_log()
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code, item.retry_count) == ("pending", "secret_unreadable", 0)
    assert "Enter the secret again" in (item.error_remedy or "")
    assert SECRET not in f"{item.error_message}{item.error_remedy}"
    assert world.snowflake.statements() == []
    assert unreadable_secrets() == [world.configuration.pk]


@pytest.mark.parametrize("column", ENCRYPTED)
def test_in_another_column_owner_or_row_it_does_not_open(victim: SnowflakeConfiguration, column: str) -> None:
    victim.seal(column, SECRET)
    assert victim.unseal(column) == SECRET
    stored = getattr(victim, column)
    for other in set(ENCRYPTED) - {column}:
        setattr(victim, other, stored)
        with pytest.raises(SecretUnreadableError):
            victim.unseal(other)
    stolen = SnowflakeConfiguration(pk=victim.pk, user=UserFactory.create(), **{column: stored})
    with pytest.raises(SecretUnreadableError):
        stolen.unseal(column)
    copied = SnowflakeConfiguration(user=victim.user, **{column: stored})
    with pytest.raises(SecretUnreadableError):
        copied.unseal(column)


def test_a_row_that_is_given_to_another_user_by_sql_does_not_load_theirs(victim: SnowflakeConfiguration) -> None:
    """Whoever does that wants another's results in an account of their own."""
    SnowflakeConfiguration.objects.update(user=UserFactory.create())
    assert unreadable_secrets() == [victim.pk]


def test_nobody_gives_a_destination_to_another_user_in_the_admin(victim: SnowflakeConfiguration, root: User) -> None:
    page = reverse("admin:accounts_snowflakeconfiguration_change", args=[victim.pk])
    client: Client = client_of(root)
    form = client.get(page).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    assert client.post(page, data | {"user": root.pk}).status_code == 302
    assert SnowflakeConfiguration.objects.get().user == victim.user
    assert unreadable_secrets() == []


def test_what_an_earlier_service_stored_opens_under_its_key(
    victim: SnowflakeConfiguration, earlier: Callable[[str], str], settings: Settings
) -> None:
    victim.password_encrypted = earlier("entered there")
    victim.save(update_fields=["password_encrypted"])
    assert victim.open_secret(Method.PASSWORD) == "entered there"
    assert rotate_encryption_keys().rotated == 1
    settings.FERNET_KEY = ""
    victim.refresh_from_db()
    assert victim.open_secret(Method.PASSWORD) == "entered there"


def test_what_nothing_binds_opens_under_no_key_of_ours(victim: SnowflakeConfiguration, settings: Settings) -> None:
    """Somebody has kept what was stored before secrets were bound, and waits for a rotation."""
    victim.password_encrypted = Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).encrypt(SECRET.encode()).decode()
    victim.save(update_fields=["password_encrypted"])
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    assert rotate_encryption_keys().unreadable == [victim.pk]
    with pytest.raises(SecretUnreadableError):
        victim.open_secret(Method.PASSWORD)


def test_what_is_bound_is_not_taken_for_an_earlier_services(victim: SnowflakeConfiguration, settings: Settings) -> None:
    """Where both have the same key."""
    settings.FERNET_KEY = settings.FIELD_ENCRYPTION_KEYS[0]
    copied = SnowflakeConfiguration(user=victim.user, password_encrypted=victim.password_encrypted)
    with pytest.raises(SecretUnreadableError):
        copied.unseal("password_encrypted")
