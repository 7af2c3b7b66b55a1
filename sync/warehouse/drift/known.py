"""What should be in a destination, as the register and the queue know it. Read after what is there was seen.

An item counts only if it has not changed since before the look began: then no load of it can explain a difference.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import SnowflakeConfiguration
from sync.postgres import fetch, read_sql
from sync.snowflake.statements import Table
from sync.warehouse.drift.comparing import Known

_OF_NAMES, _OF_IDS, _PAGE, _IN_TURN, _SCHEMAS, _SHARED, _LOOSE, _WERE_DELETED, _OWNERS = read_sql(
    __file__, "of_names", "of_ids", "page", "in_turn", "schemas", "shared", "loose", "were_deleted", "owners"
)
# Tables in one statement.
PAGE = 1_000


class Owner(NamedTuple):
    """The execution that a mark names. `status`: its item's; None: it has none."""

    status: str | None
    error_code: str | None
    is_loaded: bool
    has_table: bool


class KnownTables:
    """Of one destination. `began`: when the look did, by PostgreSQL's clock."""

    def __init__(self, configuration: SnowflakeConfiguration, began: datetime) -> None:
        self._about = {
            "configuration": configuration.pk,
            "user": configuration.user_id,
            "account": configuration.account_identifier,
            "began": began,
        }

    def named(self, schema: Table, names: Collection[str]) -> list[Known]:
        """Those of a schema with these names; of shared ones it is not known how many rows they should have."""
        return self._found(_OF_NAMES, database=schema.database, schema=schema.schema, names=list(names))

    def numbered(self, ids: Collection[int]) -> list[Known]:
        """Those with these numbers in the register."""
        return self._found(_OF_IDS, ids=list(ids)) if ids else []

    def pages(self, schema: Table) -> Iterator[list[Known]]:
        """All of a schema."""
        last, full = "", True
        while full:
            page = self._found(_PAGE, database=schema.database, schema=schema.schema, after=last, size=PAGE)
            yield page
            full, last = len(page) == PAGE, page[-1].table.name if page else ""

    def in_turn(self, after: int, size: int) -> list[int]:
        """The numbers of own tables, those behind `after` first, then from the beginning."""
        found = [id_ for (id_,) in self._rows(_IN_TURN, after=after, size=size)]
        if len(found) < size and after:
            found += [id_ for (id_,) in self._rows(_IN_TURN, after=0, size=size - len(found)) if id_ <= after]
        return found

    def schemas(self) -> set[Table]:
        """Where there are tables, or were."""
        return {Table(database, schema, "") for database, schema in self._rows(_SCHEMAS)}

    def with_rows(self, schema: Table, shared: Iterable[Known]) -> list[Known]:
        """Shared tables of a schema with the rows that they should have.

        One is settled if something was loaded into it. Of one whose name is registered in several databases it is not
        known which has what.
        """
        tables = {known.table.name: known for known in shared}
        if not tables:
            return []
        found = self._rows(_SHARED, schema=schema.schema, names=list(tables))
        loose = {key for (key,) in self._rows(_LOOSE)}
        has_strangers = self._rows(_WERE_DELETED)[0][0]
        return [
            replace(
                tables[name],
                rows=rows or 0,
                is_settled=True,
                at_most=not (is_open or has_strangers or loose & set(keys)),
            )
            for name, rows, is_open, keys in found
        ]

    def owners(self, execution_ids: Collection[str]) -> dict[str, Owner]:
        """The executions that marks name."""
        return {name: Owner(*found) for name, *found in self._rows(_OWNERS, executions=list(execution_ids))}

    def _found(self, sql: str, **params: Any) -> list[Known]:
        return [_known(*row) for row in self._rows(sql, **params)]

    def _rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        return fetch(sql, {**self._about, **params})


def _known(
    id_: int,
    database: str,
    schema: str,
    name: str,
    execution_id: str | None,
    columns: str | None,
    is_settled: bool,  # noqa: FBT001 - a row of a statement
    rows: int | None,
) -> Known:
    listed = {column["name"]: column["type"] for column in json.loads(columns)} if columns else None
    return Known(id_, Table(database, schema, name), execution_id, listed, rows, is_settled=is_settled)
