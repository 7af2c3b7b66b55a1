"""One result, row by row: as it would be loaded again, against what is in Snowflake. Wakes the warehouse."""

from dataclasses import dataclass

from django.db.models import QuerySet

from sync.destinations import Access
from sync.errors import SyncError
from sync.load import as_loaded
from sync.models import SyncQueueItem, SyncTable
from sync.reporting import counted, number
from sync.rules import of_version
from sync.snowflake.identifiers import readable
from sync.snowflake.session import Pool
from sync.snowflake.statements import Table
from sync.snowflake.warehouse import ComparedRows, compare_rows

_NO_RESULTS = ("execution_not_visible", "no_results", "not_completed", "incomplete_result")


@dataclass(frozen=True, slots=True)
class Deep:
    """What came of it, in a sentence. `are_equal`: None: it could not be compared."""

    are_equal: bool | None
    said: str


def compare_deeply(item: SyncQueueItem, pool: Pool) -> Deep:
    """Compares a completed item's rows, by the version of the rules that they were loaded by.

    Raises SyncError of the destination, NotNowError, ChangedError.
    """
    if item.status != SyncQueueItem.Status.COMPLETED or not item.table_name or item.configuration_id is None:
        return Deep(are_equal=None, said=f"It is {item.status}: what is in Snowflake is not known to be this result.")
    access = Access(item.configuration_id, pool, lambda: None)
    try:
        rules = of_version(item.configuration_id, item.rules_version or 0)
    except SyncError:
        return Deep(are_equal=None, said=f"Version {item.rules_version} of the rules, by which it was loaded, is gone.")
    there = _place(item, access)
    execution_id = item.execution.execution_id
    try:
        with as_loaded(access, execution_id, rules, None) as (load, record):
            if item.result_hash is not None and record.result_hash != item.result_hash:
                return Deep(
                    are_equal=None, said="The application has another result by now, which is loaded by itself."
                )
            with access.session() as session:
                session.about = {"work": "comparison", "execution": execution_id}
                of = None if _is_own(item) else execution_id
                return _told(readable(there.database, there.schema, there.name), compare_rows(session, load, there, of))
    except SyncError as error:
        if error.code in _NO_RESULTS:
            return Deep(
                are_equal=None,
                said="The application has no results of it any more: what is in Snowflake is the only copy.",
            )
        raise


def _is_own(item: SyncQueueItem) -> bool:
    return _registered(item).filter(execution_id=item.execution.execution_id).exists()


def _registered(item: SyncQueueItem) -> "QuerySet[SyncTable]":
    return SyncTable.objects.filter(
        configuration=item.configuration_id, schema_name=item.schema_name, table_name=item.table_name
    )


def _place(item: SyncQueueItem, access: Access) -> Table:
    """Where it was loaded to; of a destination that was moved, the latest."""
    database = _registered(item).order_by("-pk").values_list("database_name", flat=True).first()
    home = access.destination
    return Table(database or home.database, item.schema_name or home.schema, str(item.table_name))


def _told(name: str, found: ComparedRows) -> Deep:
    if not found.is_there:
        return Deep(are_equal=False, said=f"{name} is not there.")
    if found.lacking:
        return Deep(are_equal=False, said=f"{name} lacks the columns {', '.join(found.lacking)}.")
    if found.are_equal:
        return Deep(are_equal=True, said=f"{name} has the same {counted(found.loaded, 'row')}.")
    said = f"{name} has {counted(found.there, 'row')}; {number(found.loaded)} were loaded."
    if found.differing:
        rows = counted(found.differing, "row differs", "rows differ")
        numbers = ", ".join(map(str, found.numbers)) or "none that was loaded"
        more = " and more" if found.differing > len(found.numbers) else ""
        said += f" {rows}, by number: {numbers}{more}."
    return Deep(are_equal=False, said=said)
