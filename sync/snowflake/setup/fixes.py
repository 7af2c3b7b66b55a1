"""What fixes a step of a check that failed: the exact statements, and words where none help. Pure.

[?] marks what only a real account can confirm.
"""

from dataclasses import dataclass

from sync.errors import SyncError
from sync.snowflake.identifiers import quote, resolve
from sync.snowflake.session import AccessToken, Destination, KeyPair, public_key_of
from sync.snowflake.setup import admin_statements as sql
from sync.snowflake.setup.steps import Fix
from sync.snowflake.statements import STAGE, Table, drop

_AN_ADMINISTRATOR = "An administrator of the Snowflake account runs this, then check again."
_OF_THE_ROLE = "The role has to be there and granted to the user: an administrator runs this, then check again."


@dataclass(frozen=True, slots=True)
class Fixes:
    """For a check of this destination; `role` is the one in use, and `table` the check's."""

    destination: Destination
    table: Table
    key_slot: int
    role: str

    @property
    def user(self) -> str:
        return resolve(self.destination.credentials.user)

    def of(self, step: str, error: SyncError) -> Fix:
        """What fixes this step. The catalogue's words where no statement does."""
        remedy, warehouse = error.remedy, self.destination.warehouse
        match error.code:
            case _ if step == "drop":
                remedy = "Drop the table by hand; it is dropped by itself a day later."
                statements: tuple[str, ...] = (drop(self.table),)
            case "user_locked":
                statements = (f"ALTER USER {quote(self.user)} SET MINS_TO_UNLOCK = 0",)
            case "user_disabled":
                statements = (f"ALTER USER {quote(self.user)} SET DISABLED = FALSE",)
            case "warehouse_suspended":
                statements = (sql.resume_by_itself(warehouse),) if warehouse else ()
            case _ if step == "log_in":
                return self._at_login(error)
            case _:
                statements = self._grants(step) if self.role and error.entry.grants_help else ()
                if statements:
                    remedy = _OF_THE_ROLE if step == "role" else _AN_ADMINISTRATOR
        return Fix(remedy, statements)

    def _at_login(self, error: SyncError) -> Fix:
        match self.destination.credentials:
            case KeyPair(private_key=key) if error.code == "login_refused":
                statement = sql.set_public_key(self.user, self.key_slot, public_key_of(key))
                return Fix("Give the user this public key, then check again.", (statement,))
            case AccessToken() if error.code in {"login_refused", "token_expired"} and self.role:
                statement = sql.add_access_token(self.user, self.role)
                return Fix("Make a new token for the user and enter it in the configuration.", (statement,))
        return Fix(error.remedy)

    def _grants(self, step: str) -> tuple[str, ...]:
        role, warehouse = self.role, self.destination.warehouse
        database, schema = self.table.database, self.table.schema
        may_use = sql.grant("USAGE", "WAREHOUSE", warehouse, role=role) if warehouse else ""
        use = (may_use, sql.resume_by_itself(warehouse)) if warehouse else ()
        stage = sql.grant("READ, WRITE", "STAGE", database, schema, STAGE, role=role)
        match step:
            case "role":
                grants: tuple[str, ...] = (sql.create_role(role), sql.grant_role(role, self.user))
            case "warehouse" if warehouse:
                grants = (sql.create_warehouse(warehouse), may_use)
            case "database":
                grants = (sql.create("DATABASE", database), sql.grant("USAGE", "DATABASE", database, role=role))
            case "schema":
                grants = (
                    sql.create("SCHEMA", database, schema),
                    sql.grant("USAGE", "SCHEMA", database, schema, role=role),
                )
            case "create_stage":
                grants = (sql.grant("CREATE STAGE", "SCHEMA", database, schema, role=role),)
            case "create_table":
                grants = (sql.grant("CREATE TABLE", "SCHEMA", database, schema, role=role),)
            case "put":
                grants = (stage,)
            case "copy":
                grants = (*use, stage)
            case "read_back":
                grants = use
            case _:
                grants = ()
        return grants
