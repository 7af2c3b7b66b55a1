"""Who may log in stands in a table of ours; what an installation made before has of it in `users` is moved there."""

import pytest
from django.core.management import CommandError

from tests.installation.app import ANN
from tests.installation.databases import NewDatabase
from tests.installation.server import Database, script

APPLICATION = script("application")
# What such an installation did to `users`.
_BEFORE = """
SELECT snowflake_sync_ensure_columns('users', $${
    {snowflake_sync_password, "text"},
    {snowflake_sync_last_login, "timestamptz"},
    {snowflake_sync_is_staff, "boolean NOT NULL DEFAULT false"},
    {snowflake_sync_is_superuser, "boolean NOT NULL DEFAULT false"}
}$$)
"""
_ADMIN = f"""
UPDATE users SET snowflake_sync_password = 'a hash', snowflake_sync_last_login = '2026-01-31T14:30:00Z',
    snowflake_sync_is_staff = true, snowflake_sync_is_superuser = true
WHERE id = '{ANN}'
"""
_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped"
_LOGINS = "SELECT user_id::text, password, last_login::text, is_staff, is_superuser FROM snowflake_sync_logins"


@pytest.fixture
def before(new_database: NewDatabase) -> Database:
    database = new_database(APPLICATION)
    database.migrate("accounts", "0008", verbosity=0)
    database.run(_BEFORE, database.owner)
    database.run(_ADMIN, database.owner)
    return database


def test_users_gets_no_column_that_gives_a_power(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION)
    before = set(database.rows(_COLUMNS))
    database.migrate(verbosity=0)
    assert set(database.rows(_COLUMNS)) - before == {("is_active",)}


def test_what_an_earlier_installation_has_in_users_moves(before: Database) -> None:
    before.migrate(verbosity=0)
    assert before.rows(_LOGINS) == [(ANN, "a hash", "2026-01-31 14:30:00+00", True, True)]
    assert not [name for (name,) in before.rows(_COLUMNS) if name.startswith("snowflake_sync")]


def test_nobody_is_left_behind_where_the_owner_does_not_see_all_users(before: Database) -> None:
    before.run("ALTER TABLE users FORCE ROW LEVEL SECURITY", before.owner)
    with pytest.raises(CommandError, match=r"ALTER TABLE public\.users NO FORCE ROW LEVEL SECURITY"):
        before.migrate(verbosity=0)
    before.run("ALTER TABLE users NO FORCE ROW LEVEL SECURITY", before.owner)
    before.migrate(verbosity=0)
    assert len(before.rows(_LOGINS)) == 1


def test_columns_of_that_name_that_are_not_ours_stay(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION + "ALTER TABLE users ADD snowflake_sync_is_staff boolean DEFAULT true;")
    database.migrate(verbosity=0)
    assert ("snowflake_sync_is_staff",) in database.rows(_COLUMNS)
    assert database.rows(_LOGINS) == []
