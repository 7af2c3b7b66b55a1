# ruff: noqa: S608 -- names are quoted and values escaped: that is what this file is for
"""The text of statements about views, as in `statements`.

docs.snowflake.com/en/sql-reference/sql/create-view: OR REPLACE takes effect at once for everybody, COPY GRANTS lets
those who could read the earlier view read this one, and a definition has at most 1 MB. What a view selects by `*` is
fixed when it is made, and it fails once the table has other columns: so all columns are named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.snowflake.identifiers import literal, quote
from sync.snowflake.statements import Table

# Bytes of a statement that a view may have; Snowflake counts its select alone, and 1 MB may be a million.
LONGEST_VIEW = 950_000


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column that a view shows; `as_text`: whatever type it has, or is to get."""

    name: str
    type: str
    as_text: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which executions of a table, that several share, a view shows: those of a workflow, by the catalogue.

    `latest`: only the one that was computed last.
    """

    catalogue: Table
    workflow_id: str
    latest: bool


def select(table: Table, columns: Sequence[ViewColumn], key: str = "", chosen: Chosen | None = None) -> str:
    """A table's columns; with `chosen` only the rows of executions that it names, which `key` has."""
    shown = ", ".join(map(_shown, columns))
    where = f" WHERE {quote(key)} {_executions(chosen, table)}" if chosen else ""
    return f"SELECT {shown} FROM {table}{where}"


def union(selects: Sequence[str]) -> str:
    return " UNION ALL ".join(selects)


def create_view(view: Table, query: str, comment: str, *, replace: bool) -> str:
    """Without `replace` it fails where the name is taken: what is there is somebody's."""
    verb, grants = ("CREATE OR REPLACE", " COPY GRANTS") if replace else ("CREATE", "")
    return f"{verb} VIEW {view}{grants} COMMENT = {literal(comment)} AS {query}"


def drop_view(view: Table) -> str:
    """Fails where the name is a table's."""
    return f"DROP VIEW IF EXISTS {view}"


def say_left_out(catalogue: Table) -> str:
    """Writes into the catalogue why views are without executions. Bound: a JSON array of objects with `id` and `why`.

    docs.snowflake.com/en/sql-reference/sql/update (FROM), .../functions/flatten.
    """
    source = (
        'SELECT value:"id"::VARCHAR AS "ID", value:"why"::VARCHAR AS "WHY" FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))'
    )
    return (
        f'UPDATE {catalogue} AS target SET "IN_ALL_VIEW" = source."WHY" '
        f'FROM ({source}) AS source WHERE target."EXECUTION_ID" = source."ID"'
    )


def say_removed(catalogue: Table) -> str:
    """Says in the catalogue that executions are in no table. Bound: the moment, and JSON, an array of {"id": ...}."""
    ids = 'SELECT value:"id"::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))'
    return (
        f"""UPDATE {catalogue} SET "STATUS" = 'removed', "SCHEMA_NAME" = NULL, "TABLE_NAME" = NULL, """
        f'"AS_OF" = CAST(? AS TIMESTAMP_TZ) WHERE "EXECUTION_ID" IN ({ids})'
    )


def _shown(column: ViewColumn) -> str:
    name = quote(column.name)
    return f"{name}::VARCHAR AS {name}" if column.as_text else name


def _executions(chosen: Chosen, table: Table) -> str:
    """A scalar subquery may have ORDER BY and LIMIT where it refers to nothing outside of it:
    docs.snowflake.com/en/user-guide/querying-subqueries.
    """
    where = (
        f'"WORKFLOW_ID" = {literal(chosen.workflow_id)} AND '
        f'"SCHEMA_NAME" = {literal(table.schema)} AND "TABLE_NAME" = {literal(table.name)}'
    )
    found = f'SELECT "EXECUTION_ID" FROM {chosen.catalogue} WHERE {where} AND "STATUS" <> {literal("skipped")}'
    if not chosen.latest:
        return f"IN ({found})"
    # What was still to come when it was loaded counts from then.
    computed = 'LEAST(COALESCE("COMPUTED_AT", "LOADED_AT"), COALESCE("LOADED_AT", "COMPUTED_AT"))'
    return f'= ({found} ORDER BY {computed} DESC NULLS LAST, "EXECUTION_ID" DESC LIMIT 1)'
