"""Names that DuckDB cannot hold: quoted ones with lower case, spaces, dots, quotes, anything.

DuckDB folds case, so "id" and "ID" would be one column, and fakesnow writes database, schema and
stage names unquoted into its own SQL. So a name that is not plain upper case is stored as a plain
one (a prefix and the name's UTF-8 in hexadecimal), and turned back on its way out.
"""

import re

from sqlglot import Expr, exp

from sandbox.snowflake.mends.patching import patch

PREFIX = "_SFQ0_"
_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*")
_STORED = re.compile(PREFIX + "((?:[0-9A-F]{2})+)")
_PARTS = re.compile(r'"(?:[^"]|"")*"|[^".]+')


def stored(name: str) -> str:
    """How a name, already without quotes and folded where it had none, is kept in DuckDB."""
    plain = _PLAIN.fullmatch(name) and not name.startswith(PREFIX)
    return name if plain else PREFIX + name.encode().hex().upper()


def shown(text: str) -> str:
    """The text with every stored name in it as Snowflake would show it."""
    return _STORED.sub(lambda m: bytes.fromhex(m[1]).decode(errors="replace"), text)


def shown_sql(column: str) -> str:
    """`shown` for a whole name, as a DuckDB expression."""
    return (
        f"CASE WHEN starts_with({column}, '{PREFIX}')"
        f" THEN decode(unhex(substr({column}, {len(PREFIX) + 1}))) ELSE {column} END"
    )


def normalise(name: str) -> str:
    """One identifier as written, quotes included, → its stored form."""
    quoted = len(name) > 1 and name.startswith('"') and name.endswith('"')
    return stored(name[1:-1].replace('""', '"') if quoted else name.upper())


def split(dotted: str) -> list[str]:
    """The parts of a dotted name, as written; a dot inside quotes parts nothing."""
    return _PARTS.findall(dotted)


def upper_case_unquoted_identifiers(expression: Expr) -> Expr:
    if isinstance(expression, exp.Identifier) and isinstance(expression.this, str):
        name = expression.this if expression.quoted else expression.this.upper()
        return exp.Identifier(this=stored(name), quoted=expression.quoted)
    return expression


def parts_from_var(var: str, current_database: str | None, current_schema: str | None) -> tuple[str, str, str]:
    names = [normalise(part) for part in split(var)]
    database, schema, name = ([current_database, current_schema, *names])[-3:]
    assert database, "a stage's name needs a current database"
    assert schema, "a stage's name needs a current schema"
    return database, schema, str(name)


def apply() -> None:
    name = "upper_case_unquoted_identifiers"
    patch("fakesnow.transforms", name, upper_case_unquoted_identifiers)
    patch("fakesnow.server", "normalise_ident", normalise)
    patch("fakesnow.transforms.stage", "normalise_ident", normalise)
    patch("fakesnow.transforms.stage", "parts_from_var", parts_from_var)
