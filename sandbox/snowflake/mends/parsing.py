"""What sqlglot does not read, or writes for DuckDB as DuckDB cannot read it."""

import re
from functools import lru_cache

import fakesnow.dialect
import fakesnow.variables
from sqlglot import Expr, exp

from sandbox.snowflake.mends.patching import patch

_parse_one = fakesnow.dialect.parse_one
_inlined = fakesnow.variables.Variables.inline_variables
_QUOTED = re.compile(r"""('(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*")""", re.DOTALL)
_COPY_GRANTS = re.compile(r"\s+COPY\s+GRANTS\s*;?\s*$", re.IGNORECASE)
_CLONE = re.compile(r"CREATE\s.*\sCLONE\s", re.IGNORECASE | re.DOTALL)
_OF_TRANSACTIONS = re.compile(r"\s*DESC(RIBE)?\s+TRANSACTION\b", re.IGNORECASE)
# Snowflake's, without meaning here.
_SESSION: dict[type, str] = {
    exp.CurrentRole: "SYSADMIN",
    exp.CurrentWarehouse: "COMPUTE_WH",
    exp.CurrentUser: "SANDBOX",
    exp.CurrentAccount: "SANDBOX",
    exp.CurrentSession: "1",
}
_DROPPED = (exp.CopyGrantsProperty, exp.TransientProperty)


@lru_cache(maxsize=256)
def _parsed(sql: str) -> Expr:
    if _OF_TRANSACTIONS.match(sql):
        return exp.Command(this=sql)
    if _CLONE.match(sql.lstrip()):
        sql = _COPY_GRANTS.sub("", sql)
    expression: Expr = _parse_one(sql)
    properties = expression.args.get("properties")
    if isinstance(expression, exp.Create) and properties:
        kept = [p for p in properties.expressions if not isinstance(p, _DROPPED)]
        expression.set("properties", exp.Properties(expressions=kept) if kept else None)
    return expression.transform(_constants, copy=False)


def _constants(expression: Expr) -> Expr:
    """Where the session is, as far as a stand-in without roles and warehouses can say."""
    value = _SESSION.get(type(expression))
    return exp.Literal.string(value) if value else expression


def parse_one(sql: str) -> Expr:
    """Parse, without what has no meaning here; fakesnow parses a statement twice, so remember."""
    return _parsed(sql).copy()


def inline_variables(self: fakesnow.variables.Variables, sql: str) -> str:
    """The values of session variables, which are none within quotes: a column may be called "$price"."""
    parts = _QUOTED.split(sql)
    parts[::2] = (_inlined(self, part) for part in parts[::2])
    return "".join(parts)


def create_clone(expression: Expr) -> Expr:
    """CLONE as CREATE TABLE … AS SELECT, keeping OR REPLACE, which fakesnow loses."""
    clone = expression.find(exp.Clone) if isinstance(expression, exp.Create) else None
    if not clone:
        return expression
    select = exp.Select(expressions=[exp.Star()]).from_(clone.this)
    replace = expression.args.get("replace")
    return exp.Create(this=expression.this, kind="TABLE", replace=replace, expression=select)


def apply() -> None:
    for module in ("fakesnow.dialect", "fakesnow.cursor", "fakesnow.server"):
        patch(module, "parse_one", parse_one)
    patch("fakesnow.transforms", "create_clone", create_clone)
    patch("fakesnow.variables:Variables", "inline_variables", inline_variables)
