"""What a person may mean by a few letters: runs, workflows, tables, destinations, users.

Each is looked up where an index or a small table finds it.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import SnowflakeConfiguration, User
from sync.models import Workflow, WorkflowExecution, called
from sync.postgres import fetch, read_sql
from sync.reporting.lookups import as_uuid, named_destinations

# Of each kind at most so many are found; runs, so that a list can go by them, somewhat more.
MOST, MOST_RUNS, FEW = 20, 200, 5
# A shorter beginning of an id would mean too many.
SHORTEST = 4

_BEGINNING, _ANYWHERE, _TABLES = read_sql(__file__, "beginning", "anywhere", "tables")
# An execution's own table, and the id in its name: small letters and dashes have become capitals and underscores.
_OWN_TABLE = re.compile(r"(?:.*\.)?\"?workflow_execution_\d{8}_([^\"]+)\"?", re.IGNORECASE)


class TableFound(NamedTuple):
    """A table that the sync has made; `execution_id`: whose own it is."""

    table_name: str
    schema_name: str
    database_name: str
    execution_id: str | None
    configuration_id: UUID
    destination: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a search, of each kind some."""

    runs: tuple[str, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    tables: tuple[TableFound, ...] = ()
    destinations: tuple[SnowflakeConfiguration, ...] = ()
    users: tuple[User, ...] = ()

    @property
    def number(self) -> int:
        """How much was found in all."""
        return sum(map(len, (self.runs, self.workflows, self.tables, self.destinations, self.users)))


def suggested(term: str, owner_id: UUID | None = None) -> list[str]:
    """Names that begin a search well: of workflows and destinations, and, of everyone's, addresses of users.

    Without a term some of each: those of an owner by name, of everyone whichever come first.
    """
    term = term.replace("\0", "").strip()
    workflows = Workflow.objects.filter(name__icontains=term) if term else Workflow.objects.exclude(name=None)
    if owner_id is not None:
        workflows = workflows.filter(user_id=owner_id)
    if term or owner_id is not None:
        workflows = workflows.order_by("name")
    found = list(workflows.values_list("name", flat=True)[:MOST])
    if term:
        destinations = named_destinations(owner_id).filter(name__icontains=term).order_by("name")
        found += destinations.values_list("name", flat=True)[:FEW]
        if owner_id is None:
            found += User.objects.filter(email__icontains=term).order_by("email").values_list("email", flat=True)[:FEW]
    return list(dict.fromkeys(found))


def search(term: str, owner_id: UUID | None = None) -> Found:
    """What may be meant, of this owner's things, or of everyone's, users among them."""
    term = term.replace("\0", "").strip()
    if not term:
        return Found()
    workflows = Workflow.objects.filter(Q(workflow_id=term) | Q(name__icontains=term)).order_by("name", "pk")
    destinations = named_destinations(owner_id)
    destinations = destinations.filter(Q(name__icontains=term) | Q(account_identifier__iexact=term)).order_by("pk")
    users = User.objects.filter(email__icontains=term) if owner_id is None and "@" in term else User.objects.none()
    if owner_id is not None:
        workflows = workflows.filter(user_id=owner_id)
    tables = _tables(term, owner_id)
    return Found(
        tuple(dict.fromkeys([*_runs(term, owner_id), *(table.execution_id for table in tables if table.execution_id)])),
        tuple(workflows.select_related("user")[:MOST]),
        tuple(table for table in tables if not table.execution_id),
        tuple(destinations[:MOST]),
        tuple(users[:MOST]),
    )


def _runs(term: str, owner_id: UUID | None) -> list[str]:
    executions = WorkflowExecution.objects.filter(Q(execution_id=term) | Q(pk=as_uuid(term)))
    if owner_id is not None:
        executions = executions.filter(workflow__user_id=owner_id)
    if found := list(executions.values_list("execution_id", flat=True)):
        return found
    if own := _OWN_TABLE.fullmatch(term):
        term = own[1].lower().replace("_", "-")
    if len(term) < SHORTEST or re.search(r"\s", term):
        return []
    bounds = {"first": term, "last": _after(term), "user_id": owner_id, "most": MOST_RUNS}
    rows = fetch(_BEGINNING, bounds) if bounds["last"] else []
    return [id_ for (id_,) in rows or fetch(_ANYWHERE, bounds)]


def _after(term: str) -> str | None:
    """What comes after everything that begins so, in any order in which `a` comes after 9, and b after a."""
    if not re.fullmatch(r"[0-8a-yA-Y9]", term[-1]):
        return None
    return term[:-1] + ("a" if term[-1] == "9" else chr(ord(term[-1]) + 1))


def _tables(term: str, owner_id: UUID | None) -> list[TableFound]:
    name = term.rpartition(".")[2].strip('"')
    names = [name, name.upper()]
    rows = fetch(_TABLES, {"names": names, "user_id": owner_id, "most": MOST})
    return [TableFound(*row)._replace(destination=called(row[-1], "")) for row in rows]
