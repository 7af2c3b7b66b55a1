"""Is the installation as it should be? Looked up in the database's catalogue, with this process's own rights."""

import re
from collections.abc import Callable

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from migrations_sql import DIRECTORY
from migrations_sql.heirs import AT_FAULT, heirs
from sync.installation.access import access, let_in, planted
from sync.installation.columns import column_problems
from sync.installation.destinations import secrets, twins
from sync.installation.finding import Finding, Findings
from sync.installation.rules import rules
from sync.postgres import read_sql

TRIGGER, _FUNCTION, _INDEXES_AT_FAULT, _UNIQUE_KEYS, _STATUS_CHECKS = read_sql(
    __file__, "trigger", "function", "indexes", "unique_keys", "status_checks"
)
_INBOX, _COMPULSORY, _OWNER_COMPULSORY, _SIGHT, _RIGHTS = read_sql(
    __file__, "inbox", "compulsory", "owner_compulsory", "sight", "rights"
)

_QUEUE = "queue_execution_for_universal_snowflake_sync()"
_QUEUEING = "trigger_queue_universal_snowflake_sync"
_APPEND = "0026_append"
_STATES = "0008_destination_states"
_REFUSED = "snowflake_sync_refuse_update"
_WORKER_REFUSED = "snowflake_sync_refuse_worker"
_TURNS = "0027_turns"
_READY = "snowflake_sync_note_ready()"
_REMOVED = "snowflake_sync_note_removed"
_RESULT = "snowflake_sync_note_result"
_CATALOGUED = "snowflake_sync_note_catalogue()"
_TRIGGERS = (
    ("workflow_executions", _QUEUEING, _QUEUE, "UPDATE", _APPEND),
    ("workflow_executions", f"{_QUEUEING}_insert", _QUEUE, "INSERT", _APPEND),
    (
        "snowflake_configurations",
        "snowflake_sync_destination_made",
        "snowflake_sync_note_destination()",
        "INSERT",
        _STATES,
    ),
    (
        "snowflake_configurations",
        "snowflake_sync_destination_changed",
        "snowflake_sync_note_change()",
        "UPDATE",
        _STATES,
    ),
    ("snowflake_sync_inbox", _REFUSED, f"{_REFUSED}()", "UPDATE", "0025_inbox"),
    ("snowflake_sync_workers", _WORKER_REFUSED, f"{_WORKER_REFUSED}()", "INSERT", "0028_rules"),
    ("snowflake_sync_queue", _REMOVED, f"{_REMOVED}()", "DELETE", "0019_removed_items"),
    ("snowflake_sync_queue", "snowflake_sync_note_truncated", f"{_REMOVED}()", "TRUNCATE", "0019_removed_items"),
    ("snowflake_sync_queue", _RESULT, f"{_RESULT}()", "UPDATE", "0036_retention"),
    ("snowflake_sync_queue", "snowflake_sync_items_due", "snowflake_sync_note_items_due()", "INSERT", _TURNS),
    ("snowflake_sync_queue", "snowflake_sync_item_due", "snowflake_sync_note_item_due()", "UPDATE", _TURNS),
    ("snowflake_sync_queue", "snowflake_sync_item_catalogued", _CATALOGUED, "UPDATE", "0040_catalogue"),
    ("snowflake_sync_queue", "snowflake_sync_item_catalogued_at_once", _CATALOGUED, "INSERT", "0040_catalogue"),
    ("snowflake_sync_destination_states", "snowflake_sync_destination_ready", _READY, "UPDATE", _TURNS),
    ("snowflake_configurations", "snowflake_sync_interval_shortened", _READY, "UPDATE", _TURNS),
)
# For each name, the pair in migrations_sql that makes it.
_INDEXES = {
    name: path.name.split(".")[0]
    for path in DIRECTORY.glob("*.up.sql")
    for name in re.findall(r"CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?IF NOT EXISTS (\w+)", path.read_text())
}


def check_installation(using: str = DEFAULT_DB_ALIAS) -> list[Finding]:
    """Everything that the sync needs of the database; changes nothing."""
    findings: list[Finding] = []
    for look in _LOOKS:
        try:
            with transaction.atomic(using), connections[using].cursor() as cursor:
                findings += look(cursor)
        except DatabaseError as error:
            said = str(error).strip().splitlines()[0]
            findings.append(Finding(look.__name__.strip("_"), ok=False, detail=said, remedy="See what else FAILED."))
        # The checks below would say the same in many words, or run the functions that were planted.
        if look in (let_in, _migrations, planted) and not all(finding.ok for finding in findings):
            break
    return findings


def trigger_findings() -> list[Finding]:
    """Whether each of the triggers is on: what a new installation needs first."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        return list(_triggers(cursor))


def _migrations(cursor: CursorWrapper) -> Findings:
    executor = MigrationExecutor(cursor.db)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    waiting = ", ".join(str(migration) for migration, _ in plan)
    yield Finding(
        "migrations", not plan, f"not applied: {waiting}" if plan else "all applied", "Run manage.py migrate."
    )


def _server_version(cursor: CursorWrapper) -> Findings:
    cursor.execute("SELECT current_setting('server_version'), current_setting('server_version_num')::integer")
    version, number = cursor.fetchone()
    yield Finding("server version", number >= 150000, f"PostgreSQL {version}", "Use PostgreSQL 15 or newer.")


def _isolation(cursor: CursorWrapper) -> Findings:
    cursor.execute("SELECT current_setting('default_transaction_isolation'), quote_ident(current_user)")
    level, role = cursor.fetchone()
    remedy = f"ALTER ROLE {role} SET default_transaction_isolation = 'read committed';"
    # A statement that waited for a lock has to see what its holder has done.
    yield Finding("isolation", level == "read committed", f"transactions are {level}", remedy)


def _writes(cursor: CursorWrapper) -> Findings:
    cursor.execute("SELECT current_setting('transaction_read_only') = 'off'")
    (taken,) = cursor.fetchone()
    remedy = (
        "Let DATABASE_URL lead to the primary; or switch default_transaction_read_only off, which is on for the role "
        "or the database."
    )
    yield Finding("writes", taken, "the server takes them" if taken else "the server takes none", remedy)


def _columns(cursor: CursorWrapper) -> Findings:
    problems = column_problems(cursor)
    for name, fault, remedy in problems:
        yield Finding(name, ok=False, detail=fault, remedy=remedy)
    if not problems:
        yield Finding("columns", ok=True, detail="there, and of fitting types")


def _inbox(cursor: CursorWrapper) -> Findings:
    cursor.execute(_INBOX)
    there, seen = cursor.fetchone()
    if not there:
        said, remedy = "is not there: the trigger has nowhere to append", _again("0025_inbox")
    elif not seen:
        said = "is no child of snowflake_sync_queue: what waits in it is seen and counted nowhere"
        remedy = "ALTER TABLE snowflake_sync_inbox INHERIT snowflake_sync_queue;"
    else:
        said = remedy = ""
    yield Finding("inbox", not said, said or "there, and seen in the queue", remedy)


def _heirs(cursor: CursorWrapper) -> Findings:
    for heir in heirs(cursor):
        remedy = f"ALTER TABLE {heir} NO INHERIT workflow_executions;"
        yield Finding(f"table {heir}", ok=False, detail=f"{AT_FAULT}: workers fail by them", remedy=remedy)


def _triggers(cursor: CursorWrapper) -> Findings:
    for table, name, function, event, pair in _TRIGGERS:
        cursor.execute(TRIGGER, [table, name])
        row = cursor.fetchone()
        if row is None:
            fault, remedy = "is not there", _again(pair)
        elif row[0] not in ("O", "A"):
            fault, remedy = "is switched off", f"ALTER TABLE {table} ENABLE TRIGGER {name};"
        elif row[1:] != (function, event):
            fault, remedy = f"calls {row[1]} at {row[2]}", f"Drop it. {_again(pair)}"
        else:
            fault = remedy = ""
        yield Finding(f"trigger {name}", not fault, fault or "on", remedy)


def _trigger_function(cursor: CursorWrapper) -> Findings:
    cursor.execute(_FUNCTION, [_QUEUE])
    row = cursor.fetchone()
    if row is None:
        yield Finding("function", ok=False, detail="is not there", remedy=_again(_APPEND))
        return
    definer, settings, ours, owner, lacks, hidden = row
    faults = {
        "is not SECURITY DEFINER: the application would need rights on the queue": not definer,
        "has no search_path: a temporary table could take a table's place": "search_path" not in settings,
        "has no lock_timeout: it could hold the application up": "lock_timeout" not in settings,
        "is not the one that was installed": not ours,
    }
    said = "; ".join(fault for fault, found in faults.items() if found)
    yield Finding("function", not said, said or "as installed", _again(_APPEND))
    said = f"{owner}, with whose rights it acts, lacks {', '.join(lacks)}" if lacks else f"those of {owner}"
    yield Finding("function's rights", not lacks, said, f"Grant them to {owner}.")
    if hidden:
        said = f"row-level security of {', '.join(hidden)} applies to {owner}: what it hides, the sweep queues later"
        yield Finding("function's sight", ok=True, detail=said)


def _indexes(cursor: CursorWrapper) -> Findings:
    cursor.execute(_INDEXES_AT_FAULT, [list(_INDEXES)])
    faults = cursor.fetchall()
    for name, there in faults:
        said = "is invalid: building it was broken off" if there else "is not there"
        remedy = f"REINDEX INDEX CONCURRENTLY {name};" if there else _again(_INDEXES[name])
        yield Finding(f"index {name}", ok=False, detail=said, remedy=remedy)
    if not faults:
        yield Finding("indexes", ok=True, detail="there, and valid")


def _constraints(cursor: CursorWrapper) -> Findings:
    cursor.execute(_UNIQUE_KEYS)
    faults = [(name, "forbids several destinations", drop) for name, drop in cursor.fetchall()]
    cursor.execute(_STATUS_CHECKS)
    for name, drop, expression, column_type in cursor.fetchall():
        # The constraint is tried, as migrations_sql/0021_queue_constraints does it.
        cursor.execute(f"SELECT {expression} FROM (SELECT 'skipped'::{column_type}) AS item (status)")  # noqa: S608
        if cursor.fetchone()[0] is False:
            faults.append((name, "does not know the status `skipped`", drop))
    cursor.execute(_COMPULSORY)
    compulsory = [
        (table, name, "is NOT NULL and has no default", default) for table, name, default in cursor.fetchall()
    ]
    for table, name, fault, remedy in [*(("snowflake_sync_queue", *fault) for fault in faults), *compulsory]:
        yield Finding(f"{table}'s {name}", ok=False, detail=fault, remedy=remedy)
    if not faults and not compulsory:
        yield Finding("constraints", ok=True, detail="none in the way")
    cursor.execute(_OWNER_COMPULSORY)
    if cursor.fetchone():
        said = "is NOT NULL: an execution without an owner gets no item that says so"
        yield Finding("snowflake_sync_queue's user_id", ok=True, detail=said)


def _row_security(cursor: CursorWrapper) -> Findings:
    cursor.execute(_SIGHT)
    affected = cursor.fetchall()
    for relation, role, sees_all in affected:
        said = f"row-level security applies to {role}" + (", and lets it through" if sees_all else "")
        remedy = f"ALTER ROLE {role} BYPASSRLS; or: CREATE POLICY snowflake_sync ON {relation} TO {role} USING (true);"
        yield Finding(f"sight of {relation}", sees_all, said, remedy)
    if not affected:
        yield Finding("sight", ok=True, detail="row-level security hides nothing from this role")


def _rights(cursor: CursorWrapper) -> Findings:
    cursor.execute(_RIGHTS)
    missing = cursor.fetchall()
    for privilege, what, role in missing:
        grant = f"GRANT {privilege} ON {what} TO {role};"
        yield Finding(f"{privilege} on {what}", ok=False, detail=f"{role} lacks it", remedy=grant)
    if not missing:
        yield Finding("rights", ok=True, detail="all that a worker needs")


def _again(pair: str) -> str:
    """The remedy that runs this pair again, which every pair allows."""
    return f"As the tables' owner: manage.py migrate --again {pair}"


_LOOKS: tuple[Callable[[CursorWrapper], Findings], ...] = (
    let_in,
    _migrations,
    planted,
    _server_version,
    _isolation,
    _writes,
    _columns,
    _inbox,
    _heirs,
    _triggers,
    _trigger_function,
    _indexes,
    _constraints,
    _row_security,
    _rights,
    access,
    secrets,
    twins,
    rules,
)
