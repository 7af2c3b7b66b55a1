"""Django's own tables: which of them we made. An application that uses Django itself had its own before."""

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader

from migrations_sql.closing import is_installed

_OUR_APPS = ("accounts", "sync")
_HISTORY = "django_migrations"


def tables() -> list[str]:
    """Their names."""
    theirs = [config for config in apps.get_app_configs() if config.label not in _OUR_APPS]
    return [_HISTORY] + [
        model._meta.db_table  # noqa: SLF001 - Django's
        for config in theirs
        if settings.MIGRATION_MODULES.get(config.label, "") is not None
        for model in config.get_models(include_auto_created=True)
    ]


def made_or_to_be_made(cursor: CursorWrapper, schema: str) -> list[str]:
    """Those that are ours once they are there: all; where the application uses Django, those that are not there yet."""
    there = _there(cursor, schema, [*tables(), "auth_user"])
    if not _is_used_by_others(cursor, schema, there):
        return tables()
    return [table for table in tables() if table not in there]


def refuse_an_earlier_installation(cursor: CursorWrapper, schema: str) -> None:
    """What 0.1.0 made has other columns, and goes by other names of migrations: nothing here fits it."""
    if is_installed(cursor, schema):
        cursor.execute(f"SELECT FROM {schema}.{_HISTORY} WHERE (app, name) = ('accounts', '0001_users')")
        if cursor.rowcount:
            raise CommandError(
                "Version 0.1.0 was installed in this database, and nothing was changed now. Bring it over first: "
                "docs/operations.md, “Coming from 0.1.0”, says how; what is stored stays."
            )


def note(cursor: CursorWrapper, schema: str, candidates: list[str]) -> None:
    """Writes into the log which of these are there."""
    cursor.execute(
        f"""
        INSERT INTO {schema}.snowflake_sync_install_log (action, kind, relation, name)
        SELECT 'created', 'table', name, name FROM unnest(%s::text[]) AS name
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - the schema is quoted
        [sorted(_there(cursor, schema, candidates))],
    )


def made(cursor: CursorWrapper, schema: str) -> list[str]:
    """Those that we made."""
    if not is_installed(cursor, schema):
        return []
    cursor.execute(
        f"""
        SELECT relation FROM {schema}.snowflake_sync_install_log
        WHERE action = 'created' AND kind = 'table' AND relation = ANY (%s)
        """,  # noqa: S608 - the schema is quoted
        [tables()],
    )
    return [relation for (relation,) in cursor.fetchall()]


def remove(cursor: CursorWrapper, schema: str, made: list[str]) -> None:
    """Removes those that we made, and what the application's Django would hold to be migrated."""
    if _HISTORY not in made:
        cursor.execute(f"DELETE FROM {schema}.{_HISTORY} WHERE app = ANY (%s)", [_apps_of(made)])  # noqa: S608
    cursor.execute(
        "SELECT string_agg(format('%%s.%%I', %s, name), ', ') FROM unnest(%s::text[]) AS name", [schema, made]
    )
    cursor.execute(f"DROP TABLE IF EXISTS {cursor.fetchone()[0]}")


def _apps_of(names: Iterable[str]) -> list[str]:
    return sorted({model._meta.app_label for model in apps.get_models() if model._meta.db_table in names})  # noqa: SLF001


def _there(cursor: CursorWrapper, schema: str, names: Iterable[str]) -> set[str]:
    cursor.execute(
        "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(format('%%s.%%I', %s, name)) IS NOT NULL",
        [list(names), schema],
    )
    return {name for (name,) in cursor.fetchall()}


def _is_used_by_others(cursor: CursorWrapper, schema: str, there: set[str]) -> bool:
    """Whether somebody ran migrations that are none of ours, or has Django's table of users, which we never make."""
    if _HISTORY not in there:
        return "auth_user" in there
    cursor.execute(f"SELECT app, name FROM {schema}.{_HISTORY}")  # noqa: S608 - the schema is quoted
    ours = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return "auth_user" in there or any(migration not in ours for migration in cursor.fetchall())
