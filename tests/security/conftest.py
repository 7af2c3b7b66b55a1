"""People with these rights and no others, who attack through the pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.web.admin.conftest import client_of, operator

__all__ = ["PASSWORD", "clerk", "client_of"]

PASSWORD = "correct horse battery"


def clerk(*rights: str, email: str = "clerk@example.com") -> User:
    """Staff with these permissions (codenames)."""
    return operator(*rights, email=email, password=PASSWORD)


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root@example.com", PASSWORD)


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """A client of staff with these permissions."""
    return lambda *rights: client_of(clerk(*rights))
