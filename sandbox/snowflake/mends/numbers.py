"""Whole numbers of 38 digits: fakesnow keeps them in 64 bits."""

from sqlglot import Expr, exp

from sandbox.snowflake.mends.patching import patch

_WHOLE = {
    exp.DataType.Type.INT,
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.TINYINT,
}
_INT = exp.DataType.Type.DECIMAL


def integer_precision(expression: Expr) -> Expr:
    """NUMBER and, in a column's definition, every whole number type: DECIMAL(38,0).

    A cast to INT stays 64 bits wide, because DuckDB's functions take no DECIMAL as an index.
    """
    if not isinstance(expression, exp.DataType):
        return expression
    bare = expression.this == _INT and not expression.expressions
    whole = expression.this in _WHOLE
    if bare or (whole and isinstance(expression.parent, exp.ColumnDef)):
        return exp.DataType.build("DECIMAL(38,0)")
    if whole:
        return exp.DataType(this=exp.DataType.Type.BIGINT, nested=False)
    return expression


def apply() -> None:
    patch("fakesnow.transforms", "integer_precision", integer_precision)
