"""What an account's administrator pastes into Snowflake for a destination, and what undoes it. Pure text.

Nothing can be injected: every name and value is quoted, and nothing that anybody typed stands in a
comment, except for statements to choose from, of which every line is commented out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sync.errors import failure
from sync.snowflake.identifiers import MAX_LENGTH, resolve
from sync.snowflake.setup import script_statements as sql
from sync.snowflake.statements import create_stage

# Snowflake's own roles: the sync's grants would be everybody's, and undoing them would take away theirs.
SYSTEM_ROLES = frozenset(
    {"ACCOUNTADMIN", "GLOBALORGADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}
)

_READER = "_READER"


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


@dataclass(frozen=True, slots=True)
class Block:
    """A few statements, and a line that says what they are for. `left_out`: to choose from, commented out."""

    title: str
    statements: tuple[str, ...]
    left_out: bool = False


def setup_script(setup: Setup) -> str:
    """Makes role, user, warehouse, database, schema and stage, and grants what loads need, no more.

    May be run again. Raises configuration_invalid for names that cannot be set up.
    """
    names = _Names.of(setup)
    intro = "Sets up Universal Snowflake Sync. Paste it into a worksheet and run all of it; it may be run again."
    return _script(intro, _setup_blocks(setup, names))


def undo_script(setup: Setup) -> str:
    """Takes back what `setup_script` made; what may hold data, or serve others, is left to be chosen.

    Raises configuration_invalid for names that cannot be set up.
    """
    names = _Names.of(setup)
    intro = "Undoes the set-up of Universal Snowflake Sync: afterwards it cannot log in any more."
    return _script(intro, _undo_blocks(names))


@dataclass(frozen=True, slots=True)
class _Names:
    """As Snowflake has them."""

    user: str
    role: str
    warehouse: str
    database: str
    schema: str

    @classmethod
    def of(cls, setup: Setup) -> "_Names":
        given = {name: getattr(setup, name) for name in ("user", "role", "warehouse", "database", "schema")}
        for name, value in given.items():
            if not value or "\0" in value or len(resolve(value)) > MAX_LENGTH:
                raise failure("configuration_invalid", f"The Snowflake configuration has no {name} that could be made")
        names = {name: resolve(value) for name, value in given.items()}
        if names["role"] in SYSTEM_ROLES:
            raise failure(
                "configuration_invalid",
                f"The role {names['role']} is Snowflake's own: no script is made for it",
                remedy="Give the sync a role of its own, and enter that in the configuration.",
            )
        return cls(**names)

    @property
    def reader(self) -> str:
        """The role of those who only read the tables."""
        return self.role[: MAX_LENGTH - len(_READER)] + _READER


def _setup_blocks(setup: Setup, names: _Names) -> Iterable[Block]:
    stage = sql.stage_in(names.database, names.schema)
    yield Block("The account's administrator makes all of it.", ("USE ROLE ACCOUNTADMIN",))
    yield Block("A role of its own, which may do what loads need and no more.", (sql.create_role(names.role),))
    yield Block(
        "Who administers the account's objects may look after the tables, too: no role should stand alone.",
        (sql.grant_role_to_role(names.role, "SYSADMIN"),),
    )
    yield Block(
        "The user that the sync logs in as; one that is there already stays as it is. "
        "A service user logs in with a key or a token, never with a password.",
        (sql.create_user(names.user, names.role, names.warehouse),),
    )
    if setup.public_key:
        key = sql.set_public_key(names.user, setup.key_slot, setup.public_key)
        yield Block("Its public key. The private one stays with the sync.", (key,))
    yield Block("The user may use the role.", (sql.grant_role(names.role, names.user),))
    if setup.access_token:
        token = sql.add_access_token(names.user, names.role)
        yield Block(
            "Its access token, shown once: enter it in the configuration. The user needs a network policy, too.",
            (token,),
            left_out=True,
        )
    yield Block(
        "The smallest warehouse. It bills a minute at least when it wakes up, sleeps after a minute without work, and "
        "costs nothing then. Results that come all day keep it awake: 24 credits a day, unless the configuration's "
        "min_interval lets them wait for each other.",
        (sql.create_warehouse(names.warehouse), sql.grant_warehouse(names.warehouse, names.role)),
    )
    yield Block(
        "Where the tables go. The sync makes them itself, and owns no more than those.",
        (
            sql.create_database(names.database),
            sql.grant_database(names.database, names.role),
            sql.create_schema(names.database, names.schema),
            sql.grant_schema(names.database, names.schema, names.role, "USAGE", "CREATE TABLE", "CREATE STAGE"),
        ),
    )
    yield Block("Where files lie on their way into a table.", (create_stage(stage), sql.grant_stage(stage, names.role)))
    yield Block(
        "A role that reads the tables, those to come included: take the dashes away, then grant it to whom you like. "
        "Future grants of the database do not count for this schema any more, once it has its own.",
        _reader_statements(names),
        left_out=True,
    )


def _reader_statements(names: _Names) -> tuple[str, ...]:
    return (
        sql.create_role(names.reader),
        sql.grant_role_to_role(names.reader, "SYSADMIN"),
        sql.grant_database(names.database, names.reader),
        sql.grant_schema(names.database, names.schema, names.reader, "USAGE"),
        *sql.grant_reading(names.database, names.schema, names.reader),
    )


def _undo_blocks(names: _Names) -> Iterable[Block]:
    yield Block("The account's administrator undoes it.", ("USE ROLE ACCOUNTADMIN",))
    stage = sql.drop_stage(sql.stage_in(names.database, names.schema))
    yield Block("Files on their way; nothing that was loaded.", (stage,))
    yield Block(
        "The user, with its keys and tokens. Leave this out if it was there before.", (sql.drop_user(names.user),)
    )
    yield Block(
        "The role, with its grants. The tables that it owned stay, and belong to ACCOUNTADMIN then.",
        (sql.drop_role(names.role),),
    )
    yield Block(
        "The role that reads the tables. Take the dashes away if you made it.",
        (sql.drop_role(names.reader),),
        left_out=True,
    )
    yield Block(
        "The warehouse. Take the dashes away if nobody else uses it.",
        (sql.drop_warehouse(names.warehouse),),
        left_out=True,
    )
    yield Block(
        "The schema and the database, WITH ALL TABLES IN THEM. Take the dashes away only if that is meant.",
        (sql.drop_schema(names.database, names.schema), sql.drop_database(names.database)),
        left_out=True,
    )


def _script(intro: str, blocks: Iterable[Block]) -> str:
    return "\n\n".join([f"-- {intro}", *map(_written, blocks)]) + "\n"


def _written(block: Block) -> str:
    statements = "\n".join(f"{statement};" for statement in block.statements)
    if block.left_out:
        # Whatever anybody might take for the end of a line.
        statements = "\n".join(f"-- {line}" for line in statements.splitlines())
    return f"-- {block.title}\n{statements}"
