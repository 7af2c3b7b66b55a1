"""The SQL pairs, and the schema that they make."""

import re
from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from migrations_sql import DIRECTORY, RunSQLFile
from tests.installation.databases import NewDatabase
from tests.installation.server import Database

SCHEMA = Path(__file__).with_name("schema.sql")
OURS_ONLY = ("--no-owner", "--exclude-table=knox_*")
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
