"""What an account's administrator runs in Snowflake: roles, users, keys, grants. Text only.

Names are quoted and values escaped; a secret never stands here, a public key is none. Syntax: the pages below
docs.snowflake.com/en/sql-reference/sql/ that are called as the statements begin (alter-user, create-warehouse,
grant-role), and grant-privilege for all other grants. No statement ends in a semicolon.
"""

from sync.snowflake.identifiers import literal, qualified, quote

COMMENT = f"COMMENT = {literal('Universal Snowflake Sync')}"


def set_public_key(user: str, slot: int, public_key: str) -> str:
    return f"ALTER USER {quote(user)} SET {_slot(slot)}={literal(public_key)}"


def unset_public_key(user: str, slot: int) -> str:
    return f"ALTER USER {quote(user)} UNSET {_slot(slot)}"


def _slot(slot: int) -> str:
    return "RSA_PUBLIC_KEY" if slot == 1 else "RSA_PUBLIC_KEY_2"


def add_access_token(user: str, role: str) -> str:
    """Fails where the user has a token of that name already, and where the role has not been granted to it.

    docs.snowflake.com/en/user-guide/programmatic-access-tokens
    """
    return (
        f"ALTER USER {quote(user)} ADD PROGRAMMATIC ACCESS TOKEN UNIVERSAL_SNOWFLAKE_SYNC "
        f"ROLE_RESTRICTION = {literal(role)} DAYS_TO_EXPIRY = 90"
    )


def create(kind: str, *names: str, how: str = "") -> str:
    return f"CREATE {kind} IF NOT EXISTS {qualified(*names)} {how}".rstrip()


def create_role(role: str) -> str:
    return create("ROLE", role, how=COMMENT)


def create_warehouse(warehouse: str) -> str:
    how = "WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE"
    return create("WAREHOUSE", warehouse, how=f"{how} {COMMENT}")


def resume_by_itself(warehouse: str) -> str:
    return f"ALTER WAREHOUSE {quote(warehouse)} SET AUTO_RESUME = TRUE"


def grant(privileges: str, kind: str, *names: str, role: str) -> str:
    return f"GRANT {privileges} ON {kind} {qualified(*names)} TO ROLE {quote(role)}"


def grant_role(role: str, user: str) -> str:
    return f"GRANT ROLE {quote(role)} TO USER {quote(user)}"


def drop(kind: str, *names: str) -> str:
    return f"DROP {kind} IF EXISTS {qualified(*names)}"
