"""What a look makes of a listing, where the local Snowflake is too small for it."""

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.errors import failure
from sync.models import SyncFinding, SyncQueueItem, SyncReconciliation, SyncTable
from sync.snowflake.session.failures import DriverError
from sync.snowflake.statements import Table
from sync.snowflake.warehouse import Mark, Shown
from sync.warehouse import drift
from sync.warehouse.drift import look as looking
from sync.warehouse.drift import reconciling
from tests.factories import ConfigurationFactory, QueuedFactory, WorkflowFactory

pytestmark = pytest.mark.django_db
HOME, OTHER = Table("ANALYTICS", "PUBLIC", ""), Table("ANALYTICS", "ASKED_FOR", "")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> dict[Table, Any]:
    """What SHOW lists of each schema; an error is raised."""
    listed: dict[Table, Any] = {HOME: [], OTHER: []}

    def tables(_: object, schema: Table) -> Iterator[list[Shown]]:
        if isinstance(listed[schema], Exception):
            raise listed[schema]
        yield from ([one] for one in listed[schema])

    monkeypatch.setattr(looking, "tables_in", tables)
    monkeypatch.setattr(looking, "views_in", lambda *_: iter([[]]))
    monkeypatch.setattr(looking, "columns_in", lambda *_: None)
    monkeypatch.setattr(looking, "has_role", lambda *_: True)
    monkeypatch.setattr(reconciling, "Access", lambda pk, *_: _access(pk))
    return listed


def _access(pk: UUID) -> Any:
    configuration = SnowflakeConfiguration.objects.get(pk=pk)

    class Session:
        about: dict[str, str] = {}  # noqa: RUF012 - nobody else has it

        def __enter__(self) -> "Session":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    destination = SimpleNamespace(table=lambda _: HOME)
    return SimpleNamespace(configuration=configuration, destination=destination, session=Session)


def look(destination: SnowflakeConfiguration) -> list[tuple[str, str]]:
    """Kinds and names of what is open."""
    drift.reconcile(destination.pk, None)  # type: ignore[arg-type]
    return sorted(SyncFinding.objects.filter(closed_at=None).values_list("kind", "table_name"))


def loaded(destination: SnowflakeConfiguration, name: str, *, registered: bool = True, **fields: Any) -> Shown:
    """A run that is, or was, loaded into a table of its own; and what SHOW says of that."""
    execution = QueuedFactory.create(workflow=WorkflowFactory.create(user=destination.user))
    values = {"status": "completed", "schema_name": "PUBLIC", "table_name": name, "row_count": 3, **fields}
    SyncQueueItem.objects.filter(execution=execution).update(
        configuration=destination, user=destination.user, updated_at=timezone.now(), **values
    )
    if registered:
        place = {"database_name": "ANALYTICS", "schema_name": values["schema_name"] or "PUBLIC", "table_name": name}
        SyncTable.objects.create(configuration=destination, execution_id=execution.execution_id, **place)
    return Shown(name, Mark("execution", execution.execution_id, str(destination.pk)), 3, "LOADER")


def renamed(shown: Iterable[Shown], name: str) -> list[Shown]:
    return [Shown(name, one.mark, one.rows, one.owner) for one in shown]


def test_marks_that_nobody_knows(there: dict[Table, Any]) -> None:
    destination = ConfigurationFactory.create()
    me = str(destination.pk)
    gone: dict[str, Any] = {"schema_name": None, "table_name": None, "row_count": None, "registered": False}
    removed = loaded(destination, "REMOVED", status="skipped", error_code="excluded_by_rule", **gone)
    busy = loaded(destination, "BUSY", status="processing", **gone)
    kept = loaded(destination, "KEPT")
    there[HOME] = [
        removed,
        busy,
        kept,
        Shown("FORGOTTEN", Mark("execution", "no such run", me), 1, "LOADER"),
        Shown("SHARED_ONE", Mark("shared", "SHARED_ONE", me), 1, "LOADER"),
        Shown("USS_LOAD_1", Mark("execution", "x", me), 1, "LOADER"),
        Shown("THEIRS", None, 1, "OTHERS"),
        *renamed([kept], "A_COPY"),
    ]
    assert look(destination) == [
        ("not_removed", "REMOVED"),
        ("unknown", "A_COPY"),
        ("unknown", "FORGOTTEN"),
        ("unknown", "SHARED_ONE"),
    ]
    copy = SyncFinding.objects.get(table_name="A_COPY")
    assert "it is a copy" in drift.said(copy.kind, copy.expected, copy.found)


def test_two_tables_that_were_swapped(there: dict[Table, Any]) -> None:
    destination = ConfigurationFactory.create()
    one, two = loaded(destination, "ONE"), loaded(destination, "TWO")
    there[HOME] = [*renamed([two], "ONE"), *renamed([one], "TWO")]
    assert look(destination) == [("replaced", "ONE"), ("replaced", "TWO")]
    there[HOME] = renamed([two], "ONE")
    assert look(destination) == [("renamed", "TWO"), ("replaced", "ONE")]


def test_more_than_anybody_reads(there: dict[Table, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    destination = ConfigurationFactory.create()
    tables = [loaded(destination, f"T{number}") for number in range(5)]
    assert len(look(destination)) == 5
    monkeypatch.setattr(looking, "MOST", 2)
    assert len(look(destination)) == 5, "of the others it is not known whether they are still so"
    assert SyncReconciliation.objects.get(configuration=destination).unlisted == 3
    there[HOME] = tables
    assert look(destination) == []
    assert SyncFinding.objects.filter(closed_how="gone").count() == 5


def test_columns_are_compared_in_turn(there: dict[Table, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    destination = ConfigurationFactory.create()
    tables = [loaded(destination, f"T{number}") for number in range(4)]
    SyncTable.objects.update(columns=[{"name": "A", "type": "VARCHAR"}])
    there[HOME] = [tables[0], *tables[2:]]
    compared: list[str] = []

    def columns_in(_: object, table: Table) -> dict[str, str]:
        compared.append(table.name)
        return {"A": "VARCHAR"}

    monkeypatch.setattr(looking, "columns_in", columns_in)
    monkeypatch.setattr(reconciling, "COLUMNS_A_LOOK", 1)
    for _ in range(5):
        look(destination)
    assert compared == ["T0", "T2", "T3", "T0"], "one that is not there holds up none"


def test_a_schema_that_is_not_seen(there: dict[Table, Any]) -> None:
    destination = ConfigurationFactory.create()
    there[HOME] = [loaded(destination, "HERE")]
    loaded(destination, "THERE", schema_name="ASKED_FOR")
    there[OTHER] = failure("table_gone", "It does not exist")
    there[OTHER].__cause__ = DriverError(2043, "02000", "It does not exist")
    assert look(destination) == [("schema_unseen", "")]
    there[HOME] = there[OTHER]
    with pytest.raises(type(there[HOME])):
        look(destination)
    assert SyncReconciliation.objects.get(configuration=destination).error_code == "table_gone"
    assert SyncFinding.objects.get().closed_at is None, "nothing is said of what was not seen"
