"""What 0.1.0 made is not touched unasked, and is brought over as docs/operations.md says."""

import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db.migrations.loader import MigrationLoader

from sandbox.postgres import POSTGRES_VERSIONS
from sync.installation.verify import check_installation
from tests.installation.databases import NewDatabase
from tests.installation.server import Database, script
from tests.installation.test_installation import DOWN
from tests.installation.test_pairs import SCHEMA, schema_of

DOCS = Path(__file__).parents[2] / "docs"
BRINGING_OVER = DOCS / "from-0.1.0.sql"
AGAIN = ["0008_destination_states", "0019_removed_items", "0020_trigger"]


def bring_over(database: Database) -> str:
    """Runs the documented script; what it said."""
    command = [str(POSTGRES_VERSIONS[18] / "psql"), "-X", "-q", "-f", str(BRINGING_OVER)]
    ran = subprocess.run(command, env=database.environment(database.owner), capture_output=True, text=True, check=True)
    return ran.stderr


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    return new_database(script("made_by_0_1_0.schema"))


def test_it_says_what_to_do_before_it_changes_anything(database: Database) -> None:
    before = database.whole_dump()
    for target in ((), DOWN):
        with pytest.raises(CommandError, match=r"Version 0\.1\.0 was installed .* nothing was changed"):
            database.migrate(*target, verbosity=0)
    assert database.whole_dump() == before
    assert "### Coming from 0.1.0" in (DOCS / "operations.md").read_text(encoding="utf-8")


def test_it_is_brought_over_with_all_that_is_stored(database: Database) -> None:
    assert bring_over(database) == ""
    database.migrate(again=AGAIN, verbosity=0)
    database.migrate(verbosity=0)

    assert lines(schema_of(database)) == lines(SCHEMA.read_text(encoding="utf-8"))
    assert database.rows(
        """
        SELECT password_encrypted, breaker_code, settings_version, table_name, batch_key
        FROM snowflake_configurations AS configuration
        JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
        JOIN snowflake_sync_tables AS made ON made.configuration_id = configuration.id
        CROSS JOIN (SELECT batch_key FROM snowflake_sync_queue) AS item
        """
    ) == [("gAAAAA…", "paused_by_hand", 3, "T", "together")]
    with database.as_django_database() as alias:
        failed = {finding.name for finding in check_installation(alias) if not finding.ok}
    assert failed == {"secrets"}
    database.migrate(*DOWN, verbosity=0)
    assert database.rows("SELECT relname FROM pg_class WHERE relname ~ '^(snowflake|users|workflow)'") == []


def test_what_an_earlier_0_1_0_made_is_not_touched(database: Database) -> None:
    database.run("DELETE FROM django_migrations WHERE name = '0021_removed_items'")
    before = database.whole_dump()
    assert "run manage.py migrate with that first" in bring_over(database)
    assert database.whole_dump() == before


def test_nothing_is_lost_that_is_hidden_from_its_owner(database: Database) -> None:
    database.run("ALTER TABLE snowflake_configurations FORCE ROW LEVEL SECURITY")
    before = database.whole_dump()
    with pytest.raises(subprocess.CalledProcessError) as refused:
        bring_over(database)
    assert "NO FORCE ROW LEVEL SECURITY" in refused.value.stderr
    assert database.whole_dump() == before


def test_migrations_of_the_applications_own_stay(database: Database) -> None:
    """Its apps may be called as ours are."""
    own = [("accounts", "0001_initial"), ("sync", "0001_initial")]
    values = "('accounts', '0001_initial', now()), ('sync', '0001_initial', now())"
    database.run(f"INSERT INTO django_migrations (app, name, applied) VALUES {values}")
    bring_over(database)
    database.migrate(again=AGAIN, verbosity=0)
    database.migrate(verbosity=0)
    assert lines(schema_of(database)) == lines(SCHEMA.read_text(encoding="utf-8"))
    named = database.rows("SELECT app, name FROM django_migrations WHERE app IN ('accounts', 'sync')")
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    assert sorted(named) == sorted([*own, *(key for key in disk if key[0] in ("accounts", "sync"))])


def lines(dump: str) -> list[str]:
    """A column that came later stands at the end of its table."""
    return sorted(line.strip().rstrip(",") for line in dump.splitlines())
