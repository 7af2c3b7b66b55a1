"""Whether a column of one type takes the values of another, as they are."""

from sync.snowflake.types import MAX_DIGITS, ColumnType, Kind

NUMBERS = frozenset({Kind.DECIMAL, Kind.INTEGER})


def holds(there: ColumnType, wanted: ColumnType) -> bool:
    """Whether a column of one type takes every value of the other as it is."""
    if {there.kind, wanted.kind} <= NUMBERS:
        return _digits_fit(there, wanted)
    # JSON goes through PARSE_JSON, which does not come out of a text column as it went in.
    return there.kind is wanted.kind or (there.kind is Kind.TEXT and wanted.kind is not Kind.VARIANT)


def widened(one: ColumnType, other: ColumnType) -> ColumnType | None:
    """The type of a column that is still to be made and takes the values of both; None where there is none.

    Numbers grow. Anything else has to be of one kind: which of several results comes first must not decide
    whether a column is text.
    """
    if one.kind is other.kind and one.kind not in NUMBERS:
        return one
    if not {one.kind, other.kind} <= NUMBERS:
        return None
    if _digits_fit(one, other):
        return one
    (whole, behind), (other_whole, other_behind) = one.digits, other.digits
    scale = max(behind, other_behind)
    return ColumnType(Kind.DECIMAL, min(max(whole, other_whole) + scale, MAX_DIGITS), scale)


def _digits_fit(there: ColumnType, wanted: ColumnType) -> bool:
    # More digits behind the point than the column has would be rounded away in silence. Before the point, a column
    # of 38 digits takes all that is likely; the value that needs more is refused by name when it is read.
    (whole, behind), (wanted_whole, wanted_behind) = there.digits, wanted.digits
    return behind >= wanted_behind and (whole >= wanted_whole or there.precision == MAX_DIGITS)
