"""Somebody whom the application lets edit their own row of `users`."""

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Login, User
from tests.factories import UserFactory

PASSWORD = "correct horse battery"


@pytest.mark.django_db
def test_no_row_of_users_lets_anybody_in() -> None:
    """Whatever they write there, in columns of whatever name."""
    user = UserFactory.create()
    hash_of_another = User.objects.create_superuser("admin@example.com", PASSWORD).password
    names = ("snowflake_sync_", "")
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"""
                ALTER TABLE users ADD {name}password text, ADD {name}is_staff boolean, ADD {name}is_superuser boolean
            """)
            cursor.execute(
                f"UPDATE users SET {name}password = %s, {name}is_staff = true, {name}is_superuser = true WHERE id = %s",
                [hash_of_another, user.pk],
            )
    assert not Client().login(username=user.email, password=PASSWORD)
    changed = User.objects.get(pk=user.pk)
    assert (changed.password, changed.is_staff, changed.is_superuser) == (None, False, False)
    assert not Login.objects.filter(user=user).exists()
