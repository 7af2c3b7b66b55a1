"""Two readers of Snowflake's SQL that nobody of us wrote, sqlglot and sqlfluff, and what they are known to misread."""

import logging
import re
from collections.abc import Iterable, Mapping
from functools import cache

import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp

# They say much of what they read.
for name in ("sqlglot", "sqlfluff"):
    logging.getLogger(name).setLevel(logging.ERROR)

_DOCS = "docs.snowflake.com/en/"
_SQL = f"{_DOCS}sql-reference/sql/"
# Statements that a grammar does not read, though they are as the page has them.
MISREAD: dict[str, dict[str, str]] = {
    # sqlglot keeps these as text, without looking into them.
    "sqlglot": {
        "ALTER USER": f"{_SQL}alter-user",
        "ALTER WAREHOUSE": f"{_SQL}alter-warehouse",
        "CREATE OR REPLACE TABLE ? CLONE ? COPY GRANTS": f"{_SQL}create-table",
        "CREATE ROLE": f"{_SQL}create-role",
        "CREATE USER": f"{_SQL}create-user",
        "DESCRIBE TRANSACTION": f"{_SQL}desc-transaction",
        "DROP USER": f"{_SQL}drop-user",
        "GRANT ROLE": f"{_SQL}grant-role",
        "GRANT SELECT ON ALL": f"{_SQL}grant-privilege",
        "GRANT SELECT ON FUTURE": f"{_SQL}grant-privilege",
        "REMOVE": f"{_SQL}remove",
        "SHOW TRANSACTIONS": f"{_SQL}show-transactions",
    },
    "sqlfluff": {
        "ALTER USER ? ADD PROGRAMMATIC ACCESS TOKEN": f"{_SQL}alter-user-add-programmatic-access-token",
        "DESCRIBE TRANSACTION": f"{_SQL}desc-transaction",
    },
}
# Nor does sqlfluff know a stage in quotes as a whole, which a name with special characters needs: put, list, remove and
# copy-into-table have it. It reads such a statement with a plain one in its place.
_STAGE = re.compile(r"'@(?:[^'\\]|''|\\.)*'")
_QUOTED = re.compile(r'"(?:[^"]|"")*"|\'(?P<stage>@?)(?:[^\'\\]|\'\'|\\.)*\'', re.DOTALL)

_BOUND = re.compile(rf"{_QUOTED.pattern}|\?", re.DOTALL)


def shape(sql: str) -> str:
    """A statement with `?` for names, texts and numbers, `?@` for a stage in quotes; a list is as long as one of it."""
    plain = re.sub(r"\b\d+\b", "?", _QUOTED.sub(lambda found: "?" + (found["stage"] or ""), sql))
    return re.sub(r"(\$?\?(?: [^\s,()]+)?)(?:, \1)+", r"\1", re.sub(r"\?(\.\?)+", "?", plain))


def misread(statements: Iterable[str]) -> dict[str, list[str]]:
    """What each grammar does not read, by its name. sqlfluff is slow: it reads one statement of each shape."""
    every = list(dict.fromkeys(re.sub(r"^(?:--[^\n]*\n)+", "", sql.strip()).removesuffix(";") for sql in statements))
    one_of_each = {shape(sql): sql for sql in sorted(every, key=_odd)}
    return {
        "sqlglot": [sql for sql in every if not _sqlglot_reads(sql)],
        "sqlfluff": [sql for sql in one_of_each.values() if not _sqlfluff_reads(sql)],
    }


def unknown(statements: Iterable[str], more: Mapping[str, Mapping[str, str]] | None = None) -> list[str]:
    """What a grammar does not read and is not known to misread; `more` than MISREAD has."""
    known = {grammar: {*of_ours, *(more or {}).get(grammar, {})} for grammar, of_ours in MISREAD.items()}
    return [
        f"{grammar}: {sql}"
        for grammar, found in misread(statements).items()
        for sql in found
        if not any(shape(sql).startswith(kind) for kind in known[grammar])
    ]


def _odd(sql: str) -> tuple[int, int]:
    """How much a statement tries a grammar: of a shape, the one of most kinds of odd characters is read, and of such
    the shortest, since a list of a thousand columns takes many seconds and says no more.
    """
    return len({character for character in sql if not (character.isalnum() or character in " ._")}), -len(sql)


def _sqlglot_reads(sql: str) -> bool:
    try:
        read = sqlglot.parse(sql, read="snowflake")
    except sqlglot.errors.SqlglotError:
        return False
    return len(read) == 1 and not isinstance(read[0], exp.Command)


@cache
def _linter() -> Linter:
    # Without Jinja, which SQL of ours may look like.
    return Linter(config=FluffConfig(overrides={"dialect": "snowflake", "templater": "raw"}))


def _sqlfluff_reads(sql: str) -> bool:
    # Nor does it know bound values: docs.snowflake.com/en/sql-reference/bind-variables
    bound = _BOUND.sub(lambda found: "NULL" if found[0] == "?" else found[0], _STAGE.sub('@"A"."B"."C"/d', sql))
    parsed = _linter().parse_string(bound)
    return not parsed.violations and len([*parsed.tree.recursive_crawl("statement")]) == 1
