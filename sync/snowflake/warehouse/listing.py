"""What is there, as SHOW and DESCRIBE tell: no warehouse is woken for it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sync.errors import SyncError
from sync.snowflake import show_statements
from sync.snowflake.session import NOT_FOUND, Session, errno_of
from sync.snowflake.show_statements import SHOWN
from sync.snowflake.statements import MARK, Table, describe

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MARKED = re.compile(
    rf"{re.escape(MARK)}(?P<subject>execution|shared) (?P<id>.*), destination (?P<destination>{_UUID})(?:\n.*)?",
    re.DOTALL,
)
# What DESCRIBE adds to the type that a column was made with. Texts that take more than 16,777,216 characters, as some
# accounts make them, and those with a collation that is their schema's, hold what ours hold:
# docs.snowflake.com/en/sql-reference/data-types-text, .../collation.
_PRECISION = re.compile(r"(TIMESTAMP_NTZ|TIMESTAMP_TZ|TIME)\(9\)")
_TEXT = re.compile(r"VARCHAR\((\d+)\)(?: COLLATE '.*')?")
_LONGEST_TEXT = 16_777_216


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose a table is, as its comment says: of an `execution` (its id), or `shared` (the table's first name)."""

    subject: str
    id: str
    destination_id: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as SHOW TABLES tells of it. `mark`: None where its comment does not say that it is ours.

    `owner`: the role; empty where it is no account's role.
    """

    name: str
    mark: Mark | None
    rows: int | None
    owner: str


def tables_in(session: Session, schema: Table) -> Iterator[list[Shown]]:
    """All tables of a schema that the role sees, page by page. Raises SyncError."""
    for rows in _pages(session, schema, show_statements.show_tables, "tables"):
        yield [
            Shown(
                str(row["name"]),
                mark_in(str(row["comment"] or "")),
                None if row["rows"] is None else int(row["rows"]),
                str(row["owner"] or "") if row.get("owner_role_type", "ROLE") == "ROLE" else "",
            )
            for row in rows
        ]


def marked_in(session: Session, schema: Table, destination_id: object) -> list[str]:
    """The names of all tables of a schema whose comment says that we made them for this destination, whatever for.

    Read to the end before anything is dropped: each page begins behind a table that is there. Raises SyncError.
    """
    ends = f", destination {destination_id}"
    return [
        str(row["name"])
        for rows in _pages(session, schema, show_statements.show_tables, "tables")
        for row in rows
        if (first := str(row["comment"] or "").split("\n")[0]).startswith(MARK) and first.endswith(ends)
    ]


def views_in(session: Session, schema: Table) -> Iterator[dict[str, str]]:
    """Its views' comments by their names, page by page. Raises SyncError."""
    for rows in _pages(session, schema, show_statements.show_views, "views"):
        yield {str(row["name"]): str(row["comment"] or "") for row in rows}


def has_role(session: Session, role: str) -> bool:
    """Whether what belongs to this role is the session's, too. Raises SyncError."""
    (row,) = session.execute(show_statements.has_role(role), f"ask whether the session has the role {role}").rows
    return bool(row["has_role"])


def columns_in(session: Session, table: Table) -> dict[str, str] | None:
    """The types of a table's columns by their names, as they would be made; None: it is not seen. Raises SyncError."""
    try:
        rows = session.execute(describe(table), f"look at the columns of {table}").rows
    except SyncError as error:
        if errno_of(error) in NOT_FOUND:
            return None
        raise
    return {str(row["name"]): made_as(str(row["type"])) for row in rows}


def mark_in(comment: str) -> Mark | None:
    """The mark at a comment's beginning, if it is one of those that tables of results have."""
    found = _MARKED.fullmatch(comment)
    return Mark(found["subject"], found["id"], found["destination"]) if found else None


def made_as(described: str) -> str:
    """A column's type in the words that make it: VARCHAR for VARCHAR(16777216), TIME for TIME(9)."""
    if found := _PRECISION.fullmatch(described):
        return found[1]
    found = _TEXT.fullmatch(described)
    return "VARCHAR" if found and int(found[1]) >= _LONGEST_TEXT else described


def _pages(
    session: Session, schema: Table, statement: Callable[[Table, str], str], what: str
) -> Iterator[tuple[dict[str, Any], ...]]:
    last, full = "", True
    while full:
        rows = session.execute(statement(schema, last), f"list the {what} of {schema.schema}").rows
        yield rows
        full = len(rows) == SHOWN
        last = str(rows[-1]["name"]) if rows else ""
