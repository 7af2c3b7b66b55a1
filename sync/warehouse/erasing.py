"""Erasure of what stands beside the results: lines of the catalogue, and whatever else bears a destination's mark."""

from collections.abc import Collection, Iterable
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.postgres import fetch, one_statement, read_sql
from sync.queue import Erased
from sync.snowflake.catalogue_statements import KEY
from sync.snowflake.identifiers import names_in, resolve
from sync.snowflake.load import drop_for_good, is_ours, see_that_it_has_gone
from sync.snowflake.session import Session
from sync.snowflake.statements import Table, delete_executions, marker
from sync.snowflake.warehouse import marked_in

_WORKFLOW = "WORKFLOW_ID"
# Of a name in full: database, schema, table.
_PARTS = 3
_OF_USER, _OF_WORKFLOW, _OF_EXECUTION, _CATALOGUE, _LEFT, _BUSY, _FORGET = read_sql(
    __file__, "of_user", "of_workflow", "of_execution", "catalogue", "left_catalogue", "busy", "forget"
)
_OF = {"user": _OF_USER, "workflow": _OF_WORKFLOW, "execution": _OF_EXECUTION}


def destinations_of(what: Erased) -> set[UUID]:
    """The destinations whose catalogue or views may say something of it, whether or not anything was loaded there."""
    found = {row[0] for row in fetch(_OF[what.whose], {"subject": what.subject})}
    return found & {what.configuration} if what.configuration else found


def is_catalogue_busy(configuration_id: UUID) -> bool:
    """Whether somebody may be writing it at this moment."""
    return bool(fetch(_BUSY, {"configuration": configuration_id}))


def has_catalogue(configuration_id: UUID) -> bool:
    """Whether it has one, or left one behind."""
    params = {"configuration": configuration_id, "subject": ""}
    return bool(fetch(_CATALOGUE, params) or fetch(_LEFT, params))


def places_of(configuration: SnowflakeConfiguration) -> list[Table]:
    """The schema that the destination's results go to by themselves, and that of its catalogue."""
    found = fetch(_CATALOGUE, {"configuration": configuration.pk, "subject": ""})
    here = Table(resolve(configuration.database), resolve(configuration.schema), "")
    return [here, *(Table(database, schema, name) for database, schema, name, _ in found)]


def erase_lines(session: Session, configuration_id: UUID, what: Erased) -> int:
    """Deletes the catalogue's lines of a workflow or an execution; how many.

    Raises table_not_ours, table_refused, SyncError of statements.
    """
    for *names, known_as in fetch(_CATALOGUE, {"configuration": configuration_id, "subject": what.subject}):
        table = Table(*names)
        if is_ours(session, table, marker("catalogue", table.name, configuration_id)):
            return _delete_lines(session, table, known_as, what)
        see_that_it_has_gone(session, table)
    return 0


def erase_left_catalogue(session: Session, configuration_id: UUID, what: Erased) -> tuple[int, str]:
    """The same of a catalogue that was given up; of a user, all of it goes.

    How many lines, and its name where it is not seen: it may have gone, or be out of the role's reach by now.
    """
    for name, known_as in fetch(_LEFT, {"configuration": configuration_id, "subject": what.subject}):
        parts = names_in(name)
        if len(parts) != _PARTS:
            return 0, name
        table = Table(*parts)
        try:
            if not is_ours(session, table, marker("catalogue", table.name, configuration_id)):
                return 0, name
            if what.whose != "user":
                return _delete_lines(session, table, known_as, what), ""
            drop_for_good(session, table)
        except SyncError:
            return 0, name
    return 0, ""


def _delete_lines(session: Session, table: Table, known_as: list[str], what: Erased) -> int:
    """`known_as`: what the workflow is called there, beside what it is called now."""
    key, values = (KEY, []) if what.whose == "execution" else (_WORKFLOW, known_as)
    deletion = delete_executions(table, key, list({what.subject, *values}))
    return session.execute(deletion, f"delete lines of the catalogue {table}").rowcount


def erase_marked(session: Session, configuration_id: UUID, schemas: Iterable[Table]) -> int:
    """Drops all tables of these schemas that bear the destination's mark, registered or not; how many.

    Raises SyncError of statements.
    """
    dropped = 0
    for schema in schemas:
        for name in marked_in(session, schema, configuration_id):
            drop_for_good(session, schema.beside(name))
            dropped += 1
    return dropped


def forget_names(what: Erased, unfinished: Collection[UUID]) -> None:
    """Neither catalogue nor views have the workflows any more, but in these destinations."""
    if what.whose != "execution":
        finished = [one for one in destinations_of(what) if one not in unfinished]
        one_statement(_FORGET, {"destinations": finished, "subject": what.subject, "all": what.whose == "user"})
