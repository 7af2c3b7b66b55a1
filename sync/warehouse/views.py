"""The views of a destination's workflows: of the latest result, and of all that have its columns.

They are made and changed only when what they are to show has changed, and never hold up a load.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from uuid import UUID

from django.db import Error

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError, failure
from sync.models import SyncCatalogue
from sync.postgres import first_line
from sync.snowflake.identifiers import IdentifierCase, qualified, quote, resolve
from sync.snowflake.session import Session
from sync.snowflake.statements import Column, Table, is_marked, marker
from sync.snowflake.warehouse import (
    View,
    ViewColumn,
    change_view,
    make_view,
    ours,
    say_left_out,
    say_removed,
    views_in,
)
from sync.warehouse import view_register as register
from sync.warehouse.changes import moment
from sync.warehouse.view_plan import Plan, plan_views
from sync.warehouse.view_register import Place, Views, Workflow

logger = logging.getLogger(__name__)

# Seconds that a load takes for the views that name its table; in turn with those who are changing them.
PATIENCE = 15.0
_LOOK = 0.1
_SHOWS = ("The latest completed result", "All results that have the columns of the latest")


def note(
    configuration: SnowflakeConfiguration, executions: Sequence[str] = (), *, workflow_ids: Sequence[UUID] = ()
) -> None:
    """Something of these executions has changed, or names of these workflows (workflows.id): views are to follow."""
    if configuration.makes_views:
        register.note(_place(configuration), executions, workflow_ids)


def follow(
    session: Session,
    configuration: SnowflakeConfiguration,
    catalogue: Table | None = None,
    *,
    ends_at: float | None = None,
    says: bool = True,
) -> None:
    """Makes or changes the views of which something was noted, once the `catalogue` says so, without which nobody knows
    the latest in a shared table.

    What keeps a view from being made is noted, and tried again after a while. `ends_at`: when it has taken long enough,
    and the rest waits for the next time. `says`: the catalogue may be written to. Raises SyncError where the session
    ends.
    """
    if not configuration.makes_views:
        return
    place = _place(configuration)
    left_out: dict[str, str | None] = {}
    for workflow in register.due(place):
        if ends_at is not None and time.monotonic() > ends_at:
            break
        views = register.claim(place, workflow)
        error = views and _redefine(session, configuration, views, catalogue, left_out)
        if error and error.entry.grants_help:
            break
    if says and catalogue and left_out:
        _say(session, place, catalogue, left_out)


def recover(session: Session, configuration: SnowflakeConfiguration) -> None:
    """Looks for views that are gone, or have somebody else's in their place: they are made anew. Raises SyncError."""
    place = _place(configuration)
    marks = {name: marker("view", workflow, configuration.pk) for workflow, name in register.made(place)}
    if marks:
        there = {
            name
            for page in views_in(session, place.schema)
            for name, comment in page.items()
            if name in marks and is_marked(comment, marks[name])
        }
        register.lost(place, marks.keys() - there)


def release(
    session: Session,
    configuration: SnowflakeConfiguration,
    tables: Sequence[Table],
    *,
    becomes: Sequence[Column] = (),
    known: Sequence[Column] = (),
    executions: Sequence[str] = (),
) -> None:
    """Before tables go, or lose columns: views do not name any more what will not be there.

    `becomes`: what a table's columns will be, in place of those `known`; none: it goes, or, with `executions`, no more
    than their rows, in a table that several share: the catalogue chooses another latest one. To be called right before,
    by whoever drops a table of ours or makes it anew. It never fails the caller, but for what the session's guard
    raises; what kept views from being changed is noted. No statement where no view names the tables.
    """
    try:
        if executions:
            _release_rows(session, configuration, tables, executions)
        else:
            _release(session, configuration, tables, _left(becomes, known))
    except SyncError as error:
        logger.warning("Views of %s could not be changed: %s", configuration.pk, error.happened)
    except Error as error:
        logger.warning("It is not known which views of %s to change: %s", configuration.pk, first_line(error))


def _release(
    session: Session, configuration: SnowflakeConfiguration, tables: Sequence[Table], left: Sequence[ViewColumn]
) -> None:
    """One look for all, when the first is to be changed. The publisher comes to what there was no time for."""
    place, gives_up_at = _place(configuration), time.monotonic() + PATIENCE
    workflows = register.release(place, tables, left)
    catalogue = _catalogue(configuration) if workflows else None

    @cache
    def there() -> set[Table]:
        made = [(workflow, name) for workflow, name in register.made(place) if workflow in workflows]
        marks = {place.schema.beside(name): marker("view", workflow, configuration.pk) for workflow, name in made}
        return ours(session, marks)

    for workflow_id in workflows:
        if time.monotonic() > gives_up_at:
            return
        if views := _patiently(place, Workflow(workflow_id), gives_up_at):
            _redefine(session, configuration, views, catalogue, there=there)


def _release_rows(
    session: Session, configuration: SnowflakeConfiguration, tables: Sequence[Table], executions: Sequence[str]
) -> None:
    catalogue = _catalogue(configuration)
    if catalogue and register.are_read(_place(configuration), tables):
        ids = json.dumps([{"id": one} for one in executions], ensure_ascii=False)
        session.execute(say_removed(catalogue), f"say in {catalogue} what goes", values=[moment(), ids])


def _patiently(place: Place, workflow: Workflow, gives_up_at: float) -> Views | None:
    while True:
        views = register.claim(place, workflow)
        if views or time.monotonic() > gives_up_at:
            return views
        time.sleep(_LOOK)


def _left(becomes: Sequence[Column], known: Sequence[Column]) -> list[ViewColumn]:
    """What is there before and after; what changes its type is text meanwhile, which every type can be shown as."""
    types = {column.name: column.type for column in becomes}
    return [
        ViewColumn(column.name, column.type.ddl, as_text=types[column.name] != column.type)
        for column in known
        if column.name in types
    ]


def _place(configuration: SnowflakeConfiguration) -> Place:
    schema = Table(resolve(configuration.database), resolve(configuration.schema), "")
    case: IdentifierCase = "preserve" if configuration.identifier_case == "preserve" else "upper"
    return Place(configuration.pk, configuration.account_identifier, schema, case)


def _catalogue(configuration: SnowflakeConfiguration) -> Table | None:
    """Where it is; None: there is none."""
    stored = SyncCatalogue.objects.filter(pk=configuration.pk, table_name__isnull=False).first()
    return Table(str(stored.database_name), str(stored.schema_name), str(stored.table_name)) if stored else None


def _redefine(
    session: Session,
    configuration: SnowflakeConfiguration,
    views: Views,
    catalogue: Table | None,
    left_out: dict[str, str | None] | None = None,
    there: Callable[[], set[Table]] | None = None,
) -> SyncError | None:
    """Makes the views what they are to be; adds to `left_out` what the catalogue does not say yet, None: they are due
    all the same. `there`: which are, and are ours; None: it is looked for.

    Returns what kept one from being made. Raises SyncError where the session ends.
    """
    error, is_made = None, False
    try:
        results = views.results()
        plan = plan_views(results, views.shared_table(), catalogue, views.known_as)
        _make(session, configuration, views, plan, there)
        if left_out is not None:
            said = {result.execution_id: result.said for result in results}
            left_out |= {one: why for one, why in plan.left_out.items() if why != said[one]}
        is_made = left_out is not None
    except SyncError as met:
        error = _with_remedy(met, configuration)
        if met.entry.ends_session:
            raise
        logger.warning("A view of the workflow %s could not be made: %s", views.known_as, met.happened)
    finally:
        views.end(error, is_made=is_made)
    return error


def _make(
    session: Session,
    configuration: SnowflakeConfiguration,
    views: Views,
    plan: Plan,
    look: Callable[[], set[Table]] | None,
) -> None:
    mark = marker("view", views.workflow.id, configuration.pk)
    name = f": {views.workflow.name}" if views.workflow.name else ""
    wanted = []
    for number, query in enumerate((plan.latest, plan.all)):
        comment = f"{mark}\n{_SHOWS[number]} of the workflow {views.known_as}{name}"
        digest = hashlib.sha256(f"{query}\n{comment}".encode()).hexdigest() if query else None
        if digest != views.hashes[number]:
            wanted.append((number, query, comment, digest))
    tables = [views.place.schema.beside(views.names[number]) for number, *_ in wanted if views.hashes[number]]
    there = look() if look and tables else ours(session, dict.fromkeys(tables, mark))
    for number, query, comment, digest in wanted:
        view = View(views.place.schema.beside(views.names[number]), query, comment)
        if view.table in there:
            change_view(session, view)
        elif query is not None:
            _make_new(session, views, number, view, mark)
        views.hashes[number] = digest


def _make_new(session: Session, views: Views, number: int, view: View, mark: str) -> None:
    """Under another name where that is somebody else's: theirs is left alone."""
    try:
        make_view(session, view, mark)
    except SyncError as error:
        if error.code != "table_not_ours" or not views.rename(number):
            raise
        renamed = View(views.place.schema.beside(views.names[number]), view.query, view.comment)
        make_view(session, renamed, mark)


def _say(session: Session, place: Place, catalogue: Table, left_out: Mapping[str, str | None]) -> None:
    text = json.dumps([{"id": one, "why": why} for one, why in left_out.items()], ensure_ascii=False)
    doing = f"say in {catalogue} which results views are without"
    session.execute(say_left_out(catalogue), doing, values=[text])
    register.said(place, left_out)


def _with_remedy(error: SyncError, configuration: SnowflakeConfiguration) -> SyncError:
    """What to do is another thing than with a load: nothing else is held up."""
    schema = qualified(resolve(configuration.database), resolve(configuration.schema))
    role = quote(resolve(configuration.role)) if configuration.role else "<the user's role>"
    if error.entry.grants_help:
        remedy = f"Run GRANT CREATE VIEW ON SCHEMA {schema} TO ROLE {role}; the views are made by themselves then."
    elif error.code == "table_not_ours":
        remedy = "Rename or drop what has the view's name; the view is made by itself then."
    else:
        return error
    return failure(error.code, error.happened, remedy=remedy, query_id=error.query_id)
