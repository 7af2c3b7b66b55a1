"""The scripts for an account's administrator: exactly these statements, whatever the names are."""

import logging
import re
from collections.abc import Iterator

import pytest
import sqlglot
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]

from sync.errors import DestinationError
from sync.snowflake.identifiers import resolve
from sync.snowflake.setup.script import SYSTEM_ROLES, Setup, setup_script, undo_script

KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"

NASTY = [
    "a\nDROP USER b",
    "a\r\nDROP USER b;",
    "a\u2028DROP USER b;",
    "a\x0bb\x0cc\x85d",
    'a"; DROP USER b; --',
    "a'; DROP USER b; --",
    "a\\'; DROP USER b; --",
    "*/ DROP USER b; /*",
    "-- a",
    "// a",
    "$$",
    '"',
    '""',
    "\\",
    "'",
    "ünï",
    "sales",
    '"Sales"',
    "my-db",
]
names = st.one_of(
    st.sampled_from(NASTY),
    st.text(alphabet="aB_1 -\"'\\\n;/*$", min_size=1, max_size=20),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40),
).filter(lambda name: 0 < len(resolve(name)) <= 255 and resolve(name) not in SYSTEM_ROLES)
setups = st.builds(
    Setup,
    user=names,
    role=names,
    warehouse=names,
    database=names,
    schema=names,
    public_key=st.sampled_from(["", KEY]),
    key_slot=st.sampled_from([1, 2]),
    access_token=st.booleans(),
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """sqlglot says of statements that it only splits off that it only splits them off."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.ERROR)
    yield
    logger.setLevel(level)


def statements(script: str) -> list[list[tuple[str, str]]]:
    """Each statement as a parser of Snowflake's SQL splits it: (kind, text), names and strings without their quotes.

    A name or a string is one token, whatever it holds; what is commented out is none.
    """
    found: list[list[tuple[str, str]]] = [[]]
    for token in sqlglot.tokenize(script, read="snowflake"):
        if token.token_type is TokenType.SEMICOLON:
            found.append([])
            continue
        kind = {TokenType.IDENTIFIER: "name", TokenType.STRING: "text"}.get(token.token_type, "word")
        found[-1].append((kind, token.text))
    assert found.pop() == [], "the last statement is not ended"
    return found


def expected(text: str, **given: str) -> list[tuple[str, str]]:
    """A statement in words; {name} stands for a quoted name, '…' for a string."""
    parts: list[tuple[str, str]] = []
    for word in text.replace("=", " = ").replace(",", " , ").replace(".", " . ").split():
        if word.startswith("{"):
            parts.append(("name", given[word[1:-1]]))
        elif word.startswith("'"):
            parts.append(("text", word[1:-1].replace("_", " ")))
        else:
            parts.append(("word", word))
    return parts


def named(setup: Setup) -> dict[str, str]:
    fields = ("user", "role", "warehouse", "database", "schema")
    return {name: str(resolve(getattr(setup, name))) for name in fields} | {
        "stage": "UNIVERSAL_SNOWFLAKE_SYNC",
        "sysadmin": "SYSADMIN",
    }


def expected_setup(setup: Setup) -> list[list[tuple[str, str]]]:
    slot = "RSA_PUBLIC_KEY" if setup.key_slot == 1 else "RSA_PUBLIC_KEY_2"
    key = [f"ALTER USER {{user}} SET {slot} = '{setup.public_key}'"] if setup.public_key else []
    user = (
        "CREATE USER IF NOT EXISTS {user} TYPE = SERVICE DEFAULT_ROLE = {role} "
        "DEFAULT_WAREHOUSE = {warehouse} COMMENT = 'Universal_Snowflake_Sync'"
    )
    warehouse = (
        "CREATE WAREHOUSE IF NOT EXISTS {warehouse} WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 AUTO_RESUME = TRUE "
        "INITIALLY_SUSPENDED = TRUE COMMENT = 'Universal_Snowflake_Sync'"
    )
    texts = [
        "USE ROLE ACCOUNTADMIN",
        "CREATE ROLE IF NOT EXISTS {role} COMMENT = 'Universal_Snowflake_Sync'",
        "GRANT ROLE {role} TO ROLE {sysadmin}",
        user,
        *key,
        "GRANT ROLE {role} TO USER {user}",
        warehouse,
        "GRANT USAGE ON WAREHOUSE {warehouse} TO ROLE {role}",
        "CREATE DATABASE IF NOT EXISTS {database}",
        "GRANT USAGE ON DATABASE {database} TO ROLE {role}",
        "CREATE SCHEMA IF NOT EXISTS {database}.{schema}",
        "GRANT USAGE, CREATE TABLE, CREATE STAGE, CREATE VIEW ON SCHEMA {database}.{schema} TO ROLE {role}",
        "CREATE STAGE IF NOT EXISTS {database}.{schema}.{stage}",
        "GRANT READ, WRITE ON STAGE {database}.{schema}.{stage} TO ROLE {role}",
    ]
    return [expected(text, **named(setup)) for text in texts]


@given(setups)
@example(Setup("u\nDROP USER x;", "r", "w", "d", "s", KEY, 1, access_token=True))
def test_the_setup_is_exactly_these_statements(setup: Setup) -> None:
    assert statements(setup_script(setup)) == expected_setup(setup)


@given(setups)
@example(Setup("u", "r", "w\nDROP USER x;\n", 'd"; DROP USER x; --', "s\u2028DROP USER x;"))
def test_undoing_takes_away_what_holds_nothing_and_no_more(setup: Setup) -> None:
    texts = [
        "USE ROLE ACCOUNTADMIN",
        "DROP STAGE IF EXISTS {database}.{schema}.{stage}",
        "DROP USER IF EXISTS {user}",
        "DROP ROLE IF EXISTS {role}",
    ]
    assert statements(undo_script(setup)) == [expected(text, **named(setup)) for text in texts]


def test_what_could_hold_data_or_serve_others_is_there_to_be_chosen() -> None:
    script = undo_script(Setup("u", "r", "w", "d", "s"))
    assert lines(script, "-- DROP") == [
        '-- DROP ROLE IF EXISTS "R_READER";',
        '-- DROP WAREHOUSE IF EXISTS "W";',
        '-- DROP SCHEMA IF EXISTS "D"."S";',
        '-- DROP DATABASE IF EXISTS "D";',
    ]


def test_sqlglot_reads_every_statement_as_what_it_is() -> None:
    setup = Setup("sync_user", "loader", "loading", "analytics", "public", KEY)
    read = sqlglot.parse(setup_script(setup), read="snowflake")
    kinds = [type(one) for one in read if not isinstance(one, exp.Semicolon)]  # comments behind the last statement
    assert kinds.count(exp.Grant) == 4
    assert kinds.count(exp.Create) == 4
    assert kinds[0] is exp.Use
    assert len(kinds) == 14


@pytest.mark.parametrize("role", ["accountadmin", "SYSADMIN", "public"])
def test_snowflake_s_own_roles_get_no_script(role: str) -> None:
    for script in (setup_script, undo_script):
        with pytest.raises(DestinationError, match="Snowflake's own"):
            script(Setup("u", role, "w", "d", "s"))


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 256])
def test_what_cannot_be_a_name_gets_no_script(name: str) -> None:
    with pytest.raises(DestinationError, match="no warehouse"):
        setup_script(Setup("u", "r", name, "d", "s"))


def lines(script: str, starts: str) -> list[str]:
    return [line for line in script.splitlines() if line.startswith(starts)]


def test_the_reader_s_role_is_offered_and_taken_back() -> None:
    setup = Setup("u", "r", "w", "d", "s")
    assert lines(setup_script(setup), "-- GRANT") == [
        '-- GRANT ROLE "R_READER" TO ROLE "SYSADMIN";',
        '-- GRANT USAGE ON DATABASE "D" TO ROLE "R_READER";',
        '-- GRANT USAGE ON SCHEMA "D"."S" TO ROLE "R_READER";',
        '-- GRANT SELECT ON ALL TABLES IN SCHEMA "D"."S" TO ROLE "R_READER";',
        '-- GRANT SELECT ON FUTURE TABLES IN SCHEMA "D"."S" TO ROLE "R_READER";',
        '-- GRANT SELECT ON ALL VIEWS IN SCHEMA "D"."S" TO ROLE "R_READER";',
        '-- GRANT SELECT ON FUTURE VIEWS IN SCHEMA "D"."S" TO ROLE "R_READER";',
    ]
    assert lines(undo_script(setup), "-- DROP ROLE") == ['-- DROP ROLE IF EXISTS "R_READER";']


def test_a_token_is_added_once_the_user_may_use_its_role() -> None:
    script = setup_script(Setup("u", "r", "w", "d", "s", access_token=True))
    assert script.index('GRANT ROLE "R" TO USER "U"') < script.index('-- ALTER USER "U" ADD PROGRAMMATIC ACCESS TOKEN')


def test_what_is_made_is_undone() -> None:
    """Each CREATE has its DROP, be it one to choose."""
    setup = Setup("u", "r", "w", "d", "s", KEY, access_token=True)
    made = re.findall(r"^(?:-- )?CREATE (\w+) IF NOT EXISTS (\S+?)(?=[ ;])", setup_script(setup), re.MULTILINE)
    undone = re.findall(r"^(?:-- )?DROP (\w+) IF EXISTS (\S+);", undo_script(setup), re.MULTILINE)
    assert len(made) == 7
    assert sorted(made) == sorted(undone)


def test_nothing_in_it_is_for_operators() -> None:
    setup = Setup("u", "r", "w", "d", "s", KEY, access_token=True)
    for script in (setup_script(setup), undo_script(setup)):
        assert "stand-in" not in script
        assert "real Snowflake account" not in script
