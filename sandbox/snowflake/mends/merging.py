"""MERGE whose rows are those of a query: fakesnow writes that query anew, in a dialect that has lost what it says."""

from fakesnow import transforms
from sqlglot import Expr, exp

from sandbox.snowflake.mends.patching import patch

_merge = transforms.merge


def merge(statement: Expr) -> list[Expr]:
    """fakesnow's statements for a MERGE, with its source made into a table of the session before."""
    source = statement.args.get("using") if isinstance(statement, exp.Merge) else None
    if not isinstance(source, exp.Subquery):
        return _merge(statement)
    statement = statement.copy()
    name = exp.to_identifier(source.alias)
    statement.set("using", exp.Table(this=name))
    made = exp.Create(
        this=exp.Table(this=name.copy()),
        kind="TABLE",
        replace=True,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
        expression=source.this.copy(),
    )
    return [made, *_merge(statement)]


def apply() -> None:
    patch("fakesnow.transforms", "merge", merge)
