"""The catalogue's table in a destination: made, known as ours by its comment, mended, and written."""

from collections.abc import Callable

from sync.errors import SyncError, failure
from sync.snowflake import catalogue_statements, statements
from sync.snowflake.catalogue_statements import COLUMNS
from sync.snowflake.load import is_ours, read_columns
from sync.snowflake.session import TABLE_EXISTS, Session, errno_of, is_other_than_known
from sync.snowflake.statements import Table, marker

_REMEDY = (
    "Rename that table or view in Snowflake, or give the destination another catalogue_name (its setting; empty: no "
    "catalogue). It is then written by itself."
)


class Catalogue:
    """The table `table` in one session; `destination_id` is whose it is."""

    def __init__(self, session: Session, table: Table, destination_id: object) -> None:
        self._session = session
        self.table = table
        self._mark = marker("catalogue", table.name, destination_id)

    def make(self) -> bool:
        """Makes the table, or the columns that it lacks. False: it was ours, and complete.

        Raises table_not_ours where the name is somebody else's, and SyncError of statements.
        """
        create = statements.create_table(self.table, COLUMNS, self._mark, self._session.keeping)
        try:
            self._session.execute(create, f"make the catalogue {self.table}")
        except SyncError as error:
            if errno_of(error) != TABLE_EXISTS:
                raise
        else:
            return True
        self._check_ours()
        return self._complete()

    def write(self, rows: str) -> None:
        """Writes rows, as the JSON that catalogue_statements.merge binds. Raises what `changed` raises."""
        self._send(catalogue_statements.merge(self.table), "write to", rows)

    def rename_workflow(self, known_as: str, workflow_id: str, name: str, moment: str) -> None:
        """Gives a workflow's rows its id and name of this moment. Raises what `write` raises."""
        sql = catalogue_statements.rename_workflow(self.table)
        self._send(sql, "rename a workflow in", workflow_id, name, moment, known_as)

    def _send(self, sql: str, doing: str, *values: str) -> None:
        self._session.execute(sql, f"{doing} the catalogue {self.table}", values=values)

    def _check_ours(self) -> None:
        try:
            if is_ours(self._session, self.table, self._mark):
                return
        except SyncError as error:
            if error.code != "table_not_ours":
                raise
        raise failure(
            "table_not_ours",
            f"{self.table}, where the catalogue is to be, exists in Snowflake and was not made for this destination",
            remedy=_REMEDY,
        )

    def _complete(self) -> bool:
        there = {column.name for column in read_columns(self._session, self.table)}
        lacking = [column for column in COLUMNS if column.name not in there]
        for column in lacking:
            added = statements.add_column(self.table, column)
            self._session.execute(added, f"add {column.name} to the catalogue {self.table}")
        return bool(lacking)


def mended(work: Callable[[], None], mend: Callable[[], bool]) -> bool:
    """Does the work; where Snowflake says that the table is not what it was, mends it first. True: it was mended.

    Raises SyncError of either.
    """
    try:
        work()
    except SyncError as error:
        if not is_other_than_known(error) or not mend():
            raise
    else:
        return False
    work()
    return True
