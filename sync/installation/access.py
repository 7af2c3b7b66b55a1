"""Which other roles can read or change our tables, or have our statements run something of theirs."""

from django.db.backends.utils import CursorWrapper

from migrations_sql import closing, djangos_own, pinned
from sync.installation.finding import Finding, Findings
from sync.postgres import read_sql

_CREATORS, _PLANTED, _EVERYWHERE, _THEIRS, _HIDDEN = read_sql(
    __file__, "creators", "planted", "everywhere", "theirs", "hidden"
)


def let_in(cursor: CursorWrapper) -> Findings:
    """Whether this role sees the rows of our tables."""
    with pinned(cursor.db) as schema:
        hidden = _ask(cursor, _HIDDEN, schema)
    for role, tables in hidden:
        remedy = f"As the tables' owner: manage.py migrate --worker-role {role}"
        yield Finding("let in", ok=False, detail=f"{role} is not, and sees no row of: {tables}", remedy=remedy)


def planted(cursor: CursorWrapper) -> Findings:
    """Functions, operators and triggers of other roles that our statements could run, and who may create some."""
    with pinned(cursor.db) as schema:
        yield from _creators(cursor, schema)
        yield from _planted(cursor, schema)


def access(cursor: CursorWrapper) -> Findings:
    """Which other roles have rights on our tables; each finding that is not ok has the statement that ends them."""
    with pinned(cursor.db) as schema:
        yield from _open(cursor, schema)
        yield from _doubtful_log(cursor, schema)
        yield from _theirs(cursor, schema)
        yield from _everywhere(cursor, schema)


def _ask(cursor: CursorWrapper, query: str, schema: str) -> list[tuple[str, ...]]:
    cursor.execute(query.replace(":schema", schema))
    answered: list[tuple[str, ...]] = cursor.fetchall()
    return answered


def _open(cursor: CursorWrapper, schema: str) -> Findings:
    found = closing.open_to_others(cursor, schema)
    for what, fault, statement in found:
        yield Finding(
            f"access to {what}", ok=False, detail=fault, remedy=f"{statement} Or all at once: manage.py migrate"
        )
    if not found:
        yield Finding("access", ok=True, detail="only the owner and who is let in")


def _creators(cursor: CursorWrapper, schema: str) -> Findings:
    for (role,) in _ask(cursor, _CREATORS, schema):
        said = f"{role} may create functions and operators in it, which our statements could run with our rights"
        yield Finding(
            f"schema {schema}", ok=False, detail=said, remedy=f"REVOKE CREATE ON SCHEMA {schema} FROM {role};"
        )


def _planted(cursor: CursorWrapper, schema: str) -> Findings:
    for what, owner, drop in _ask(cursor, _PLANTED, schema):
        said = f"is of role {owner}, and our statements could run it with our rights"
        yield Finding(what, ok=False, detail=said, remedy=drop)


def _doubtful_log(cursor: CursorWrapper, schema: str) -> Findings:
    if fault := closing.doubt(cursor, schema):
        yield Finding("install log", ok=False, detail="others could write to it before it was closed", remedy=fault)


def _theirs(cursor: CursorWrapper, schema: str) -> Findings:
    cursor.execute(_THEIRS.replace(":schema", schema), [["snowflake_configurations", *djangos_own.tables()]])
    for table, role, privileges, guarded in cursor.fetchall():
        said = f"{role}: {privileges}, row-level security is {'on' if guarded else 'off'}. The table was there before: "
        revoke = f"REVOKE {privileges} ON {table} FROM {role};"
        # The application decides which roles change its own tables; only a right of PUBLIC cannot be meant.
        yield Finding(f"changes of {table}", role != "PUBLIC", f"{said}if that is not meant: {revoke}", revoke)


def _everywhere(cursor: CursorWrapper, schema: str) -> Findings:
    found = [f"{role} ({why})" for role, why in _ask(cursor, _EVERYWHERE, schema)]
    if found:
        yield Finding("rights by membership", ok=True, detail=f"these can read or change it, too: {', '.join(found)}")
