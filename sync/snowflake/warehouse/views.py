"""Views, made and changed so that nobody who reads them is failed, and nobody else's are touched."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from sync.errors import SyncError, failure
from sync.snowflake import statements
from sync.snowflake.session import TABLE_EXISTS, Session, errno_of
from sync.snowflake.show_statements import views_that_begin
from sync.snowflake.statements import PAGE, Table
from sync.snowflake.warehouse import view_statements as sql


@dataclass(frozen=True, slots=True)
class View:
    """A view as it is to be. `query`: None: there is to be none."""

    table: Table
    query: str | None
    comment: str


def make_view(session: Session, view: View, marker: str) -> None:
    """CREATE. A view of that name that is ours already, of an attempt whose answer was lost, is replaced.

    Raises table_not_ours where the name is somebody else's; SyncError.
    """
    doing = f"make the view {view.table}"
    try:
        session.execute(sql.create_view(view.table, view.query or "", view.comment, replace=False), doing)
    except SyncError as error:
        if errno_of(error) != TABLE_EXISTS:
            raise
        if view.table not in ours(session, {view.table: marker}):
            raise not_ours(view.table) from error
        _replace(session, view)


def change_view(session: Session, view: View) -> None:
    """CREATE OR REPLACE, or DROP, of one that is known to be ours. Raises SyncError."""
    if view.query is None:
        session.execute(sql.drop_view(view.table), f"drop the view {view.table}, which nothing is left for")
    else:
        _replace(session, view)


def ours(session: Session, views: Mapping[Table, str]) -> set[Table]:
    """Those of these views, of one schema, that are there and bear their marker.

    One SHOW for all of them; one each where too many others have names that begin as theirs. Raises SyncError.
    """
    if not views:
        return set()
    schema = next(iter(views))
    names = [view.name for view in views]
    rows = _shown(session, schema, _beginning(names))
    if len(rows) >= PAGE:
        rows = [row for name in names for row in _shown(session, schema, name)]
    return {view for view, mark in views.items() if _is_ours(rows, view.name, mark)}


def not_ours(view: Table) -> SyncError:
    return failure("table_not_ours", f"{view} exists in Snowflake and is no view that was made for this")


def _replace(session: Session, view: View) -> None:
    changed = sql.create_view(view.table, view.query or "", view.comment, replace=True)
    session.execute(changed, f"change the view {view.table}")


def _shown(session: Session, schema: Table, prefix: str) -> list[dict[str, object]]:
    return list(session.execute(views_that_begin(schema, prefix), "look at the views there are").rows)


def _beginning(names: Collection[str]) -> str:
    """What all of them begin with."""
    return "".join(
        one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(min(names), max(names), strict=False))
    )


def _is_ours(rows: Iterable[dict[str, object]], name: str, marker: str) -> bool:
    return any(row.get("name") == name and statements.is_marked(row.get("comment"), marker) for row in rows)
