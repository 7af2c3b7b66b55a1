"""People with these rights and no others, who attack through the pages."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.app.conftest import world  # noqa: F401 - a fixture

PASSWORD = "correct horse battery"


def clerk(*rights: str, email: str = "clerk@example.com") -> User:
    """Staff with these permissions (codenames)."""
    user = User.objects.create_user(email, PASSWORD, is_staff=True)
    found = Permission.objects.filter(codename__in=rights)
    assert found.count() == len(rights), "a permission that is not there"
    user.user_permissions.set(found)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root@example.com", PASSWORD)


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """A client of staff with these permissions."""
    return lambda *rights: client_of(clerk(*rights))
