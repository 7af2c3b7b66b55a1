"""From CSV text to a column's type, refusing what Snowflake refuses."""

from dataclasses import dataclass

from sandbox.snowflake.mends.csv_file import quoted
from sandbox.snowflake.mends.formats import pattern

_TRUE = "'true', 't', 'yes', 'y', 'on', '1'"
_FALSE = "'false', 'f', 'no', 'n', 'off', '0'"


@dataclass(frozen=True)
class Refusal:
    """What Snowflake says of a value that does not fit.

    100038 is documented; 100035, 100037, 100040 and 100108 are remembered, not verified.
    """

    errno: int
    sqlstate: str
    message: str


_NUMERIC = Refusal(100038, "22018", "Numeric value '{}' is not recognized")
_REFUSALS = {
    "BOOLEAN": Refusal(100037, "22018", "Boolean value '{}' is not recognized"),
    "DATE": Refusal(100040, "22007", "Date '{}' is not recognized"),
    "TIME": Refusal(100108, "22007", "Time '{}' is not recognized"),
    "TIMESTAMP": Refusal(100035, "22007", "Timestamp '{}' is not recognized"),
    "TIMESTAMP WITH TIME ZONE": Refusal(100035, "22007", "Timestamp '{}' is not recognized"),
    "JSON": Refusal(100069, "22P02", "Error parsing JSON: {}"),
}


def refusal(duckdb_type: str) -> Refusal:
    return _REFUSALS.get(duckdb_type, _NUMERIC)


def guarded(column: str, duckdb_type: str, inputs: dict[str, str]) -> str:
    """The text to cast: what only DuckDB would take is spoilt, so that its cast refuses it too."""
    spoilt = f"'?' || {column}"
    match duckdb_type:
        case "BOOLEAN":
            return (
                f"CASE WHEN lower({column}) IN ({_TRUE}) THEN 'true'"
                f" WHEN lower({column}) IN ({_FALSE}) THEN 'false' ELSE {spoilt} END"
            )
        case "DATE" | "TIME" | "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE":
            kind = duckdb_type.partition(" ")[0]
            expression = quoted(pattern(kind, inputs.get(f"{kind}_INPUT_FORMAT", "")))
            # DuckDB reads an offset after a space as the name of a time zone.
            text = f"regexp_replace({column}, ' ([+-]\\d)', '\\1')" if "ZONE" in duckdb_type else column
            return f"CASE WHEN regexp_full_match({column}, {expression}) THEN {text} ELSE {spoilt} END"
        case "VARCHAR" | "JSON" | "BLOB":
            return column
        case _:
            return f"replace({column}, '_', '?')"


def cast(column: str, duckdb_type: str, inputs: dict[str, str]) -> str:
    if duckdb_type == "VARCHAR":
        return column
    return f"CAST({guarded(column, duckdb_type, inputs)} AS {duckdb_type})"


def misfit(column: str, duckdb_type: str, inputs: dict[str, str]) -> str:
    """True where the cast would fail."""
    tried = f"TRY_CAST({guarded(column, duckdb_type, inputs)} AS {duckdb_type})"
    return f"({column} IS NOT NULL AND {tried} IS NULL)"
