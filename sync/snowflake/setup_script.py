"""What an account's administrator pastes into Snowflake for a destination, and what undoes it. Pure text.

Nothing can be injected: every name and value is quoted, and nothing that anybody typed stands in a
comment, except for statements to choose from, of which every line is commented out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sync.errors import failure
from sync.snowflake import setup_statements as sql
from sync.snowflake.identifiers import resolve
from sync.snowflake.setup_statements import UserType
from sync.snowflake.statements import create_stage

# Snowflake's own roles: the sync's grants would be everybody's, and undoing them would take away theirs.
SYSTEM_ROLES = frozenset(
    {"ACCOUNTADMIN", "GLOBALORGADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}
)

# Every statement below was read by a parser of Snowflake's SQL. The local stand-in, which has neither users nor rights,
# has run these; the others await a real account.
PROVEN = ("CREATE STAGE", "ALTER USER … SET RSA_PUBLIC_KEY", "ALTER USER … UNSET RSA_PUBLIC_KEY", "DROP STAGE")
HONESTLY = (
    "No real Snowflake account was at hand when this was written. Run against a local stand-in: "
    f"{', '.join(PROVEN)}. Parsed as Snowflake's SQL and not run: everything else, the grants above all. "
    "The check says whether they were enough."
)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the script makes: names as they were typed. `public_key` is empty where there is none."""

    user: str
    role: str
    warehouse: str
    database: str
    schema: str
    user_type: UserType
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
            if not value or "\0" in value or len(resolve(value)) > 255:
                raise failure("configuration_invalid", f"The Snowflake configuration has no {name} that could be made")
        names = {name: resolve(value) for name, value in given.items()}
        if names["role"] in SYSTEM_ROLES:
            raise failure(
                "configuration_invalid",
                f"The role {names['role']} is Snowflake's own: no script is made for it",
                remedy="Give the sync a role of its own, and enter that in the configuration.",
            )
        return cls(**names)


def _setup_blocks(setup: Setup, names: _Names) -> Iterable[Block]:
    stage = sql.stage_in(names.database, names.schema)
    yield Block("The account's administrator makes all of it.", ("USE ROLE ACCOUNTADMIN",))
    yield Block("A role of its own, which may do what loads need and no more.", (sql.create_role(names.role),))
    user = sql.create_user(names.user, setup.user_type, names.role, names.warehouse)
    yield Block("The user that the sync logs in as; one that is there already stays as it is.", (user,))
    if setup.public_key:
        key = sql.set_public_key(names.user, setup.key_slot, setup.public_key)
        yield Block("Its public key. The private one stays with the sync.", (key,))
    if setup.access_token:
        token = sql.add_access_token(names.user, names.role)
        yield Block(
            "Its access token, shown once: enter it in the configuration. The user needs a network policy, too.",
            (token,),
            left_out=True,
        )
    yield Block("The user may use the role.", (sql.grant_role(names.role, names.user),))
    yield Block(
        "The smallest warehouse; it sleeps after a minute without work, and costs nothing then.",
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
    head = "\n".join(f"-- {line}" for line in (intro, HONESTLY))
    return "\n\n".join([head, *map(_written, blocks)]) + "\n"


def _written(block: Block) -> str:
    statements = "\n".join(f"{statement};" for statement in block.statements)
    if block.left_out:
        # Whatever anybody might take for the end of a line.
        statements = "\n".join(f"-- {line}" for line in statements.splitlines())
    return f"-- {block.title}\n{statements}"
