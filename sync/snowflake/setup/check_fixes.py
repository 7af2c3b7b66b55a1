"""What fixes a step of a check that failed: the exact statements, and words where none help. Pure.

[?] marks what only a real account can confirm.
"""

from dataclasses import dataclass

from sync.errors import SyncError
from sync.snowflake.identifiers import resolve
from sync.snowflake.session import AccessToken, Destination, KeyPair, public_key_of
from sync.snowflake.setup import script_statements as sql
from sync.snowflake.setup.check_steps import Fix
from sync.snowflake.statements import Table, drop


@dataclass(frozen=True, slots=True)
class Place:
    """Who connects, and to what: names as Snowflake has them. `role` is the one that is in use."""

    user: str
    role: str
    destination: Destination
    key_slot: int

    @classmethod
    def of(cls, destination: Destination, key_slot: int) -> "Place":
        return cls(resolve(destination.credentials.user), destination.role, destination, key_slot)


def fix_of(step: str, error: SyncError, place: Place, table: Table) -> Fix:
    """What fixes this step. The catalogue's words where no statement does."""
    if step == "drop":
        return Fix("Drop the table by hand; it is dropped by itself a day later.", (drop(table),))
    if error.code in _OF_CODES:
        return Fix(error.remedy, _OF_CODES[error.code](place))
    if step == "log_in":
        return Fix(*_at_login(error, place))
    grants = _GRANTS[step](place, table) if place.role and error.entry.grants_help and step in _GRANTS else ()
    if not grants:
        return Fix(error.remedy)
    return Fix(_WORDS.get(step, "An administrator of the Snowflake account runs this, then check again."), grants)


def _resume(place: Place) -> tuple[str, ...]:
    name = place.destination.warehouse
    return (sql.resume_by_itself(name),) if name else ()


_OF_CODES = {
    "user_locked": lambda place: (sql.unlock_user(place.user),),
    "user_disabled": lambda place: (sql.enable_user(place.user),),
    "warehouse_suspended": _resume,
}


def _at_login(error: SyncError, place: Place) -> tuple[str, tuple[str, ...]]:
    match place.destination.credentials:
        case KeyPair(private_key=key) if error.code == "login_refused":
            statement = sql.set_public_key(place.user, place.key_slot, public_key_of(key))
            return "Give the user this public key, then check again.", (statement,)
        case AccessToken() if error.code in {"login_refused", "token_expired"} and place.role:
            statement = sql.add_access_token(place.user, place.role)
            return "Make a new token for the user and enter it in the configuration.", (statement,)
        case _:
            return error.remedy, ()


def _role(place: Place, _table: Table) -> tuple[str, ...]:
    return sql.create_role(place.role), sql.grant_role(place.role, place.user)


def _warehouse(place: Place, _table: Table) -> tuple[str, ...]:
    name = place.destination.warehouse
    return (sql.create_warehouse(name), sql.grant_warehouse(name, place.role)) if name else ()


def _database(place: Place, table: Table) -> tuple[str, ...]:
    return sql.create_database(table.database), sql.grant_database(table.database, place.role)


def _schema(place: Place, table: Table) -> tuple[str, ...]:
    names = table.database, table.schema
    return sql.create_schema(*names), sql.grant_schema(*names, place.role, "USAGE")


def _create_stage(place: Place, table: Table) -> tuple[str, ...]:
    return (sql.grant_schema(table.database, table.schema, place.role, "CREATE STAGE"),)


def _stage(place: Place, table: Table) -> tuple[str, ...]:
    return (sql.grant_stage(sql.stage_in(table.database, table.schema), place.role),)


def _create_table(place: Place, table: Table) -> tuple[str, ...]:
    return (sql.grant_schema(table.database, table.schema, place.role, "CREATE TABLE"),)


def _load(place: Place, table: Table) -> tuple[str, ...]:
    name = place.destination.warehouse
    runs = (sql.grant_warehouse(name, place.role), sql.resume_by_itself(name)) if name else ()
    return (*runs, *_stage(place, table))


def _read(place: Place, _table: Table) -> tuple[str, ...]:
    name = place.destination.warehouse
    return (sql.grant_warehouse(name, place.role), sql.resume_by_itself(name)) if name else ()


_GRANTS = {
    "role": _role,
    "warehouse": _warehouse,
    "database": _database,
    "schema": _schema,
    "create_stage": _create_stage,
    "put": _stage,
    "create_table": _create_table,
    "copy": _load,
    "read_back": _read,
}
_WORDS = {
    "role": "The role has to be there and granted to the user: an administrator runs this, then check again.",
}
