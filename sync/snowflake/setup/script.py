"""What an account's administrator pastes into Snowflake for a destination, and what undoes it. Pure text.

Nothing can be injected: every name and value is quoted, and nothing that anybody typed stands in a
comment, except for statements to choose from, of which every line is commented out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sync.errors import failure
from sync.snowflake.identifiers import MAX_LENGTH, quote, resolve
from sync.snowflake.setup import admin_statements as sql
from sync.snowflake.statements import STAGE

# Snowflake's own roles: the sync's grants would be everybody's, and undoing them would take away theirs.
SYSTEM_ROLES = frozenset(
    {"ACCOUNTADMIN", "GLOBALORGADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}
)

_READER = "_READER"
_BY_ADMINISTRATOR = "USE ROLE ACCOUNTADMIN"


@dataclass(frozen=True, slots=True)
class Setup:
    """What the script makes: names as they were typed. `public_key` is empty where there is none."""

    user: str
    role: str
    warehouse: str
    database: str
    schema: str
    public_key: str = ""
    key_slot: int = 1
    access_token: bool = False


def setup_script(setup: Setup) -> str:
    """Makes role, user, warehouse, database, schema and stage, and grants what loads need, no more.

    May be run again. Raises configuration_invalid for names that cannot be set up.
    """
    intro = "Sets up Universal Snowflake Sync. Paste it into a worksheet and run all of it; it may be run again."
    return _script(intro, *_setup_blocks(_resolved(setup)))


def undo_script(setup: Setup) -> str:
    """Takes back what `setup_script` made; what may hold data, or serve others, is left to be chosen.

    Raises configuration_invalid for names that cannot be set up.
    """
    intro = "Undoes the set-up of Universal Snowflake Sync: afterwards it cannot log in any more."
    return _script(intro, *_undo_blocks(_resolved(setup)))


def _resolved(setup: Setup) -> Setup:
    """With names as Snowflake has them."""
    names = ("user", "role", "warehouse", "database", "schema")
    user, role, warehouse, database, schema = (resolve(getattr(setup, name)) for name in names)
    for name, value in zip(names, (user, role, warehouse, database, schema), strict=True):
        if not value or "\0" in value or len(value) > MAX_LENGTH:
            raise failure("configuration_invalid", f"The destination has no {name} that could be made")
    if role in SYSTEM_ROLES:
        raise failure(
            "configuration_invalid",
            f"The role {role} is Snowflake's own: no script is made for it",
            remedy="Give the sync a role of its own, and enter that in the configuration.",
        )
    return replace(setup, user=user, role=role, warehouse=warehouse, database=database, schema=schema)


def _setup_blocks(setup: Setup) -> Iterator[str]:
    user, role, warehouse, database, schema = setup.user, setup.role, setup.warehouse, setup.database, setup.schema
    yield _block("The account's administrator makes all of it.", _BY_ADMINISTRATOR)
    yield _block("A role of its own, which may do what loads need and no more.", sql.create_role(role))
    yield _block(
        "Who administers the account's objects may look after the tables, too: no role should stand alone.",
        _grant_to_sysadmin(role),
    )
    yield _block(
        "The user that the sync logs in as; one that is there already stays as it is. "
        "A service user logs in with a key or a token, never with a password.",
        # It has no password: docs.snowflake.com/en/user-guide/admin-user-management.
        sql.create(
            "USER",
            user,
            how=f"TYPE = SERVICE DEFAULT_ROLE = {quote(role)} DEFAULT_WAREHOUSE = {quote(warehouse)} {sql.COMMENT}",
        ),
    )
    if setup.public_key:
        key = sql.set_public_key(user, setup.key_slot, setup.public_key)
        yield _block("Its public key. The private one stays with the sync.", key)
    yield _block("The user may use the role.", sql.grant_role(role, user))
    if setup.access_token:
        yield _choice(
            "Its access token, shown once: enter it in the configuration. The user needs a network policy, too.",
            sql.add_access_token(user, role),
        )
    yield _block(
        "The smallest warehouse. It bills a minute at least when it wakes up, sleeps after a minute without work, and "
        "costs nothing then. Results that come all day keep it awake: 24 credits a day, unless the configuration's "
        "min_interval lets them wait for each other.",
        sql.create_warehouse(warehouse),
        sql.grant("USAGE", "WAREHOUSE", warehouse, role=role),
    )
    yield _block(
        "Where the tables go. The sync makes them itself, and owns no more than those.",
        sql.create("DATABASE", database),
        sql.grant("USAGE", "DATABASE", database, role=role),
        sql.create("SCHEMA", database, schema),
        sql.grant("USAGE, CREATE TABLE, CREATE STAGE, CREATE VIEW", "SCHEMA", database, schema, role=role),
    )
    yield _block(
        "Where files lie on their way into a table.",
        sql.create("STAGE", database, schema, STAGE),
        sql.grant("READ, WRITE", "STAGE", database, schema, STAGE, role=role),
    )
    yield _choice(
        "A role that reads tables and views, those to come included: take the dashes away, then grant it to whom you "
        "like. "
        "Future grants of the database do not count for this schema any more, once it has its own.",
        *_reader_statements(setup, _reader(role)),
    )


def _reader_statements(setup: Setup, reader: str) -> Iterator[str]:
    """docs.snowflake.com/en/sql-reference/sql/grant-privilege: future grants of a schema count, and those of its
    database do not, where both are there.
    """
    yield sql.create_role(reader)
    yield _grant_to_sysadmin(reader)
    yield sql.grant("USAGE", "DATABASE", setup.database, role=reader)
    yield sql.grant("USAGE", "SCHEMA", setup.database, setup.schema, role=reader)
    for which in ("ALL TABLES", "FUTURE TABLES", "ALL VIEWS", "FUTURE VIEWS"):
        yield sql.grant("SELECT", f"{which} IN SCHEMA", setup.database, setup.schema, role=reader)


def _undo_blocks(setup: Setup) -> Iterator[str]:
    yield _block("The account's administrator undoes it.", _BY_ADMINISTRATOR)
    stage = sql.drop("STAGE", setup.database, setup.schema, STAGE)
    yield _block("Files on their way; nothing that was loaded.", stage)
    yield _block(
        "The user, with its keys and tokens. Leave this out if it was there before.", sql.drop("USER", setup.user)
    )
    yield _block(
        "The role, with its grants. The tables that it owned stay, and belong to ACCOUNTADMIN then.",
        sql.drop("ROLE", setup.role),
    )
    yield _choice(
        "The role that reads the tables. Take the dashes away if you made it.", sql.drop("ROLE", _reader(setup.role))
    )
    yield _choice("The warehouse. Take the dashes away if nobody else uses it.", sql.drop("WAREHOUSE", setup.warehouse))
    yield _choice(
        "The schema and the database, WITH ALL TABLES IN THEM. Take the dashes away only if that is meant.",
        sql.drop("SCHEMA", setup.database, setup.schema),
        sql.drop("DATABASE", setup.database),
    )


def _reader(role: str) -> str:
    """The role of those who only read the tables."""
    return role[: MAX_LENGTH - len(_READER)] + _READER


def _grant_to_sysadmin(role: str) -> str:
    """It may do all that the role may, and owns what that owns."""
    return f"GRANT ROLE {quote(role)} TO ROLE {quote('SYSADMIN')}"


def _script(intro: str, *blocks: str) -> str:
    return "\n\n".join([f"-- {intro}", *blocks]) + "\n"


def _block(title: str, *statements: str) -> str:
    """A few statements, and a line that says what they are for."""
    return f"-- {title}\n" + "\n".join(f"{statement};" for statement in statements)


def _choice(title: str, *statements: str) -> str:
    """Statements to choose from, commented out: every line, whatever anybody might take for the end of one."""
    lines = "\n".join(f"{statement};" for statement in statements).splitlines()
    return f"-- {title}\n" + "\n".join(f"-- {line}" for line in lines)
