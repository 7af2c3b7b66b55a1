"""Who may log in stands in a table of ours, and nothing of it in `users`."""

from tests.installation.databases import NewDatabase
from tests.installation.server import script

APPLICATION = script("application")
_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped"
_LOGINS = "SELECT user_id::text, password, last_login::text, is_staff, is_superuser FROM snowflake_sync_logins"


def test_users_gets_no_column_that_gives_a_power(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION)
    before = set(database.rows(_COLUMNS))
    database.migrate(verbosity=0)
    assert set(database.rows(_COLUMNS)) - before == {("is_active",)}


def test_columns_of_that_name_that_are_not_ours_stay(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION + "ALTER TABLE users ADD snowflake_sync_is_staff boolean DEFAULT true;")
    database.migrate(verbosity=0)
    assert ("snowflake_sync_is_staff",) in database.rows(_COLUMNS)
    assert database.rows(_LOGINS) == []
