"""What an account's administrator runs in Snowflake: roles, users, keys, grants. Text only.

Names are quoted and values escaped; a secret never stands here, a public key is none. Syntax: the pages below
docs.snowflake.com/en/sql-reference/sql/ that are called as the statements begin (alter-user, create-warehouse,
grant-role), and grant-privilege for all other grants. No statement ends in a semicolon.
"""

from typing import Literal

from sync.snowflake.identifiers import literal, qualified, quote
from sync.snowflake.statements import STAGE, Table

Slot = Literal[1, 2]

COMMENT = "Universal Snowflake Sync"


def slot_name(slot: int) -> str:
    """The property of a Snowflake user that holds the public key."""
    return "RSA_PUBLIC_KEY" if slot == 1 else "RSA_PUBLIC_KEY_2"


def set_public_key(user: str, slot: int, public_key: str) -> str:
    return f"ALTER USER {quote(user)} SET {slot_name(slot)}={literal(public_key)}"


def unset_public_key(user: str, slot: int) -> str:
    return f"ALTER USER {quote(user)} UNSET {slot_name(slot)}"


def unlock_user(user: str) -> str:
    return f"ALTER USER {quote(user)} SET MINS_TO_UNLOCK = 0"


def enable_user(user: str) -> str:
    return f"ALTER USER {quote(user)} SET DISABLED = FALSE"


def add_access_token(user: str, role: str) -> str:
    """Fails where the user has a token of that name already, and where the role has not been granted to it.

    docs.snowflake.com/en/user-guide/programmatic-access-tokens
    """
    return (
        f"ALTER USER {quote(user)} ADD PROGRAMMATIC ACCESS TOKEN UNIVERSAL_SNOWFLAKE_SYNC "
        f"ROLE_RESTRICTION = {literal(role)} DAYS_TO_EXPIRY = 90"
    )


def create_role(role: str) -> str:
    return f"CREATE ROLE IF NOT EXISTS {quote(role)} COMMENT = {literal(COMMENT)}"


def create_user(user: str, role: str, warehouse: str) -> str:
    """A service user has no password: docs.snowflake.com/en/user-guide/admin-user-management."""
    return (
        f"CREATE USER IF NOT EXISTS {quote(user)} TYPE = SERVICE DEFAULT_ROLE = {quote(role)} "
        f"DEFAULT_WAREHOUSE = {quote(warehouse)} COMMENT = {literal(COMMENT)}"
    )


def grant_role(role: str, user: str) -> str:
    return f"GRANT ROLE {quote(role)} TO USER {quote(user)}"


def grant_role_to_role(role: str, parent: str) -> str:
    """The parent may do all that the role may, and owns what it owns."""
    return f"GRANT ROLE {quote(role)} TO ROLE {quote(parent)}"


def create_warehouse(warehouse: str) -> str:
    return (
        f"CREATE WAREHOUSE IF NOT EXISTS {quote(warehouse)} WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 "
        f"AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE COMMENT = {literal(COMMENT)}"
    )


def resume_by_itself(warehouse: str) -> str:
    return f"ALTER WAREHOUSE {quote(warehouse)} SET AUTO_RESUME = TRUE"


def grant_warehouse(warehouse: str, role: str) -> str:
    return f"GRANT USAGE ON WAREHOUSE {quote(warehouse)} TO ROLE {quote(role)}"


def create_database(database: str) -> str:
    return f"CREATE DATABASE IF NOT EXISTS {quote(database)}"


def grant_database(database: str, role: str) -> str:
    return f"GRANT USAGE ON DATABASE {quote(database)} TO ROLE {quote(role)}"


def create_schema(database: str, schema: str) -> str:
    return f"CREATE SCHEMA IF NOT EXISTS {qualified(database, schema)}"


def grant_schema(database: str, schema: str, role: str, *privileges: str) -> str:
    return f"GRANT {', '.join(privileges)} ON SCHEMA {qualified(database, schema)} TO ROLE {quote(role)}"


def grant_reading(database: str, schema: str, role: str) -> tuple[str, ...]:
    """SELECT on all tables of a schema, those included that are made later.

    docs.snowflake.com/en/sql-reference/sql/grant-privilege: future grants of a schema count, and those of its database
    do not, where both are there.
    """
    names, to = qualified(database, schema), quote(role)
    return (
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {names} TO ROLE {to}",
        f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {names} TO ROLE {to}",
    )


def grant_stage(stage: Table, role: str) -> str:
    return f"GRANT READ, WRITE ON STAGE {stage} TO ROLE {quote(role)}"


def drop_stage(stage: Table) -> str:
    return f"DROP STAGE IF EXISTS {stage}"


def drop_user(user: str) -> str:
    return f"DROP USER IF EXISTS {quote(user)}"


def drop_role(role: str) -> str:
    return f"DROP ROLE IF EXISTS {quote(role)}"


def drop_warehouse(warehouse: str) -> str:
    return f"DROP WAREHOUSE IF EXISTS {quote(warehouse)}"


def drop_schema(database: str, schema: str) -> str:
    return f"DROP SCHEMA IF EXISTS {qualified(database, schema)}"


def drop_database(database: str) -> str:
    return f"DROP DATABASE IF EXISTS {quote(database)}"


def stage_in(database: str, schema: str) -> Table:
    """The stage that loads use."""
    return Table(database, schema, STAGE)
