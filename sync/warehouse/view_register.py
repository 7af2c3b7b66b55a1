"""The register of views, `snowflake_sync_views`, and what of the register of tables is about them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sync.errors import SyncError
from sync.postgres import as_stored, fetch, one_statement, read_sql
from sync.snowflake.identifiers import IdentifierCase, view_names
from sync.snowflake.statements import Table
from sync.snowflake.warehouse import ViewColumn
from sync.warehouse.view_plan import MOST, Result, Shared

# Results that are looked at, beside those that are shown: what has come in between is not shown any more.
LOOK = MOST + 1000
# Seconds for which nobody else may change a workflow's views.
BUSY = 60

_TAKE_IN, _WORKFLOWS, _OLDER, _TAKEN, _ADD, _NOTE, _DUE, _CLAIM, _NAMED, _END, _RESULTS, _COLUMNS, _SAID, _RELEASE = (
    read_sql(
        __file__,
        "take_in",
        "workflows",
        "older",
        "taken",
        "add",
        "note",
        "due",
        "claim",
        "named",
        "end",
        "results",
        "columns",
        "said",
        "release",
    )
)
_READ, _MADE, _LOST, _NOTE_TABLE, _OVERTAKEN = read_sql(__file__, "read", "made", "lost", "note_table", "overtaken")


class Workflow(NamedTuple):
    """A workflow of the application, and the shared table that the last of some results of it went to."""

    id: UUID
    known_as: str | None = None
    name: str | None = None
    shared_schema: str | None = None
    shared_table: str | None = None
    shared_at: datetime | None = None
    by_many: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a destination's views are: `schema` is a table of no name there."""

    configuration_id: UUID
    account: str
    schema: Table
    case: IdentifierCase

    @property
    def key(self) -> dict[str, Any]:
        here = {"account": self.account, "database": self.schema.database, "schema": self.schema.schema}
        return {"configuration": self.configuration_id, **here}


@dataclass
class Views:
    """A workflow's views in somebody's hands: what they are called, and the hashes of what they were made as."""

    workflow: Workflow
    place: Place
    token: int
    names: list[str]
    hashes: list[str | None]
    shared: tuple[str, str, datetime, bool] | None
    known_as: str
    due_at: datetime | None

    @property
    def key(self) -> dict[str, Any]:
        return self.place.key | {"workflow": self.workflow.id, "token": self.token, "known_as": self.known_as}

    def rename(self, number: int) -> bool:
        """Gives one of them a name with a hash, for good; False if it has it."""
        seed = f"{self.workflow.id} {self.place.configuration_id}"
        name = view_names(_called(self.workflow, self.known_as), seed, self.place.case, hashed=True)[number]
        if self.names[number] == name:
            return False
        self.names[number] = name
        one_statement(_NAMED, self.key | {"latest": self.names[0], "all": self.names[1]})
        return True

    def end(self, error: SyncError | None, *, is_made: bool) -> None:
        """Lets go of them, as they are by now; `error`: what kept one from being made.

        `is_made`: nothing is left to do, unless something has changed meanwhile.
        """
        said: dict[str, str | None] = {"code": None, "message": None, "remedy": None}
        if error:
            said |= as_stored(error)
        became = {"latest_hash": self.hashes[0], "all_hash": self.hashes[1], "is_made": is_made, "due_at": self.due_at}
        if not one_statement(_END, self.key | became | said):
            one_statement(_OVERTAKEN, self.key)

    def results(self) -> list[Result]:
        """The workflow's results that have tables of their own, the latest first."""
        one_statement(_OLDER, self.key | {"limit": LOOK})
        database = self.place.schema.database
        return [
            Result(execution, Table(database, schema, table), _shown(columns), computed_at, is_released, said)
            for execution, schema, table, computed_at, is_released, said, columns in one_statement(
                _RESULTS, self.key | {"shown": MOST, "limit": LOOK}
            )
        ]

    def shared_table(self) -> Shared | None:
        """The shared table that the latest of its results went to that went to one."""
        if self.shared is None:
            return None
        schema, table, computed_at, by_many = self.shared
        found = fetch(_COLUMNS, self.key | {"schema": schema, "table": table})
        columns = _shown(found[0][0]) if found else None
        return (
            Shared(Table(self.place.schema.database, schema, table), columns, computed_at, by_many) if columns else None
        )


def note(place: Place, executions: Sequence[str], workflow_ids: Sequence[UUID]) -> None:
    """Something has changed of these executions, or of these workflows' names: their views are due."""
    found = [Workflow(*row) for row in one_statement(_TAKE_IN, place.key | {"executions": list(executions)})]
    found += [Workflow(*row) for row in fetch(_WORKFLOWS, {"workflows": list(workflow_ids)})]
    for workflow in found:
        noted = place.key | workflow._asdict() | {"workflow": workflow.id}
        if not one_statement(_NOTE, noted):
            _name(place, workflow)
            one_statement(_NOTE, noted)


def note_table(configuration_id: UUID, table: Table) -> None:
    """Something has changed of a table that was made there: views that may name it are due."""
    named = {"database": table.database, "schema": table.schema, "table": table.name}
    one_statement(_NOTE_TABLE, {"configuration": configuration_id, **named})


def due(place: Place) -> list[Workflow]:
    """Workflows whose views may have to be made or changed, in turn."""
    return [Workflow(*row) for row in fetch(_DUE, place.key)]


def claim(place: Place, workflow: Workflow) -> Views | None:
    """The workflow's views in our hands. None: somebody else has them."""
    found = one_statement(_CLAIM, place.key | {"workflow": workflow.id, "seconds": BUSY})
    if not found:
        return None
    token, latest, of_all, latest_hash, all_hash, schema, table, at, by_many, known_as, due_at = found[0]
    shared = (schema, table, at, by_many) if table else None
    return Views(workflow, place, token, [latest, of_all], [latest_hash, all_hash], shared, known_as, due_at)


def _name(place: Place, workflow: Workflow) -> None:
    """Names the views unless they have names; of workflows whose names fold alike, the first has the plain ones."""
    known_as = workflow.known_as or ""
    names = view_names(_called(workflow, known_as), known_as, place.case)
    for hashed in (False, True):
        if hashed:
            names = view_names(_called(workflow, known_as), str(workflow.id), place.case, hashed=True)
        added = place.key | {"workflow": workflow.id, "known_as": known_as, "latest": names[0], "all": names[1]}
        if not fetch(_TAKEN, added)[0][0]:
            one_statement(_ADD, added)
            return


def release(place: Place, tables: Sequence[Table], left: Sequence[ViewColumn]) -> list[UUID]:
    """Of these tables views name no more than `left` from now on; answers the workflows whose views may name more."""
    columns = [{"name": column.name, "type": column.type, "as_text": column.as_text} for column in left]
    going = {"schemas": [table.schema for table in tables], "tables": [table.name for table in tables]}
    return [row[0] for row in one_statement(_RELEASE, place.key | going | {"left": json.dumps(columns)})]


def are_read(place: Place, tables: Sequence[Table]) -> bool:
    """Whether views show the latest of what is in one of these shared tables."""
    read = {"schemas": [table.schema for table in tables], "tables": [table.name for table in tables]}
    return bool(fetch(_READ, place.key | read))


def made(place: Place) -> list[tuple[UUID, str]]:
    """The names of all views that were made there, each with its workflow."""
    return [(workflow, name) for workflow, name in fetch(_MADE, place.key)]


def lost(place: Place, names: Collection[str]) -> None:
    """These of them are not there any more; of those that somebody is about to change it is not known."""
    if names:
        one_statement(_LOST, place.key | {"names": list(names)})


def said(place: Place, left_out: Mapping[str, str | None]) -> None:
    """Notes what the catalogue says of these executions by now."""
    one_statement(_SAID, place.key | {"executions": list(left_out), "why": list(left_out.values())})


def _called(workflow: Workflow, known_as: str) -> str:
    return workflow.name or known_as


def _shown(columns: Any) -> tuple[ViewColumn, ...] | None:
    found = json.loads(columns) if isinstance(columns, str) else columns
    return None if found is None else tuple(ViewColumn(**column) for column in found)
