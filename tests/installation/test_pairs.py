"""The SQL pairs, and the schema that they make."""

import hashlib
import re
from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from migrations_sql import DIRECTORY, RunSQLFile
from tests.installation.databases import NewDatabase
from tests.installation.server import Database

SCHEMA = Path(__file__).with_name("schema.sql")
OURS_ONLY = ("--no-owner", "--exclude-table=knox_*")
_APPS = ("accounts", "sync")
REGENERATE = (
    "The migrations make another schema than tests/installation/schema.sql says. If that is what you want: "
    "rm tests/installation/schema.sql && make test ARGS=tests/installation/test_pairs.py"
)


def pairs() -> set[str]:
    return {path.name.split(".")[0] for path in DIRECTORY.glob("*.sql")}


def test_every_pair_is_complete() -> None:
    for name in sorted(pairs()):
        for direction in ("up", "down"):
            path = DIRECTORY / f"{name}.{direction}.sql"
            assert path.exists(), f"{path} is missing. Write it: what one direction does, the other undoes."


def test_what_has_been_published_stays_as_it_is() -> None:
    for line in (DIRECTORY / "published.sha256").read_text(encoding="ascii").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((DIRECTORY / name).read_bytes()).hexdigest() == digest, (
            f"{name} has been published: whoever has run it does not run it again, and would have another schema than "
            f"you. Take the edit back (git checkout), and write a new pair for the change."
        )


def test_every_pair_is_named_in_order() -> None:
    numbers = [int(name[:4]) for name in sorted(pairs())]
    assert numbers == list(range(len(numbers))), "Two pairs have a number, or one has none. Give the new one the next."


def test_every_pair_is_used_once() -> None:
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values()
    operations = [operation for migration in migrations for operation in migration.operations]
    used = [pair.name for pair in operations if isinstance(pair, RunSQLFile)]
    assert sorted(used) == sorted(pairs()), (
        "Each pair of migrations_sql is run by exactly one migration: add RunSQLFile(…) of it to a new migration, "
        "or delete the pair."
    )


def test_no_migration_is_called_as_one_of_the_applications_may_be() -> None:
    """Django notes them in a table that all share, by the app's name, and ours have names that many have."""
    ours = [key for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations if key[0] in _APPS]
    assert {name for app, name in ours if not re.fullmatch(r"\d{4}_snowflake_sync_\w+", name)} == set()


def test_an_index_whose_building_was_broken_off_is_built_anew(new_database: NewDatabase) -> None:
    database = new_database()
    database.migrate(verbosity=0)
    name = "'snowflake_sync_queue_routed_key'::regclass"
    others = "SELECT array_agg(indexrelid ORDER BY 1) FROM pg_index WHERE indrelid = 'snowflake_sync_queue'::regclass"
    others = f"{others} AND indexrelid <> {name}"
    before = database.rows(others)
    database.run(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = {name}")
    database.migrate(again=["0012_queue_indexes"], verbosity=0)
    assert database.rows(f"SELECT indisvalid FROM pg_index WHERE indexrelid = {name}") == [(True,)]
    assert database.rows(others) == before


def schema_of(database: Database) -> str:
    """As schema.sql has it."""
    # Before PostgreSQL 16, a view names the table of each column.
    return re.sub(r"(?<=[ (])snowflake_sync_queue\.", "", database.dump(*OURS_ONLY)) + "\n"


def test_the_schema_is_the_one_that_was_reviewed(new_database: NewDatabase) -> None:
    database = new_database()
    database.migrate(verbosity=0)
    made = schema_of(database)
    if not SCHEMA.exists():
        SCHEMA.write_text(made, encoding="utf-8")
    assert made == SCHEMA.read_text(encoding="utf-8"), REGENERATE
