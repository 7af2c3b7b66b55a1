"""Every statement that anything sends to Snowflake, or prints for it, is read by two grammars: with hostile names.

The local Snowflake's record has what was sent. That it was taken there says little: it is no Snowflake.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration
from sandbox.snowflake.client import LocalSnowflake
from sync.errors import failure
from sync.models import SyncQueueItem, SyncTable, WorkflowExecution
from sync.operations import erase_results
from sync.queue import Erased
from sync.snowflake import statements
from sync.snowflake.erasure_statements import ToErase, for_administrator
from sync.snowflake.identifiers import qualified, quote
from sync.snowflake.keeping import PERMANENT, Keeping
from sync.snowflake.load.leftovers import check_table_name, clear_staged_files, clear_tables, staged_name
from sync.snowflake.load.stage import FileLoad, make_stage, upload
from sync.snowflake.load.transactions import current_user, end_transaction
from sync.snowflake.session import Pool, Session
from sync.snowflake.session.credentials import Password
from sync.snowflake.session.destination import Destination
from sync.snowflake.session.tagging import APPLICATION
from sync.snowflake.setup import TITLES, unset_public_key
from sync.snowflake.setup.check import check_destination
from sync.snowflake.setup.fixes import Fixes
from sync.snowflake.setup.script import Setup, setup_script, undo_script
from sync.snowflake.statements import Table
from tests.conftest import Snowflake
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.grammars import MISREAD, misread, shape, unknown
from tests.load.excluded import ask, exclude
from tests.world import World

HOSTILE = ["it's", 'a "quoted" one', "a;b", "--", "/*", "\\'", "$$", "né 日本", "select", "a.b"]
COLUMNS = [(name, "integer") for name in HOSTILE]
KINDS: list[tuple[list[tuple[str, str]], list[list[Any]]]] = [
    (COLUMNS, [[7] * len(COLUMNS)]),
    ([*COLUMNS, ("j;--", "json")], [[7] * len(COLUMNS) + [{"a": "it's"}]]),
    ([*COLUMNS[:2], ("other", "decimal(10,2)")], [[1, 2, "3.45"]]),
    ([("other", "decimal(12,2)")], [["1234567890.45"]]),
    ([("other", "decimal(20,4)")], [["0.0045"]]),
    ([(name, "string") for name in HOSTILE], [["x"] * len(HOSTILE)]),
    (COLUMNS[:1], []),
]


@pytest.fixture
def destination(snowflake_server: LocalSnowflake) -> Destination:
    name = f'it\'s "{uuid.uuid4().hex[:8]}"; --'
    made = Destination(
        account="acme-main",
        database=quote(name),
        schema=quote("sch'ema; --"),
        warehouse=quote("ware'house"),
        role=quote("ro\\le"),
        credentials=Password("us'er", "a-password"),
        identifier_case="preserve",
        endpoint=snowflake_server.endpoint,
    )
    session = Session(made)
    session.execute(f"CREATE SCHEMA IF NOT EXISTS {qualified(made.database, made.schema)}", "make the schema")
    session.close()
    return made


@pytest.fixture
def hostile(
    transactional_db: None, destination: Destination, snowflake_server: LocalSnowflake, settings: Settings
) -> World:
    settings.SNOWFLAKE_ENDPOINT = destination.endpoint
    user = UserFactory.create()
    names = {name: quote(getattr(destination, name)) for name in ("database", "schema", "warehouse", "role")}
    configuration = ConfigurationFactory.create(
        user=user, username="us'er", identifier_case="preserve", catalogue_name='ca"ta; ?', **names
    )
    return World(
        Snowflake(snowflake_server, destination.database), user, configuration, WorkflowFactory.create(user=user)
    )


def sent(server: LocalSnowflake, destination: Destination) -> list[str]:
    return [each.sql for each in server.statements("", destination.database) if APPLICATION in each.tag]


def load_everything(world: World) -> None:
    """Each kind of load into a table of one's own and into a shared one, first and later."""
    for layout in ("per_execution", "per_workflow"):
        SnowflakeConfiguration.objects.update(layout=layout)
        world.complete(*KINDS[-1])
        execution = world.complete(*KINDS[0])
        for columns, rows in (KINDS[0], *KINDS):
            declared = [{"name": name, "type": type_} for name, type_ in columns]
            changed = {"result_columns": declared, "result_rows": rows, "result_total_rows": len(rows)}
            world.work()
            WorkflowExecution.objects.filter(pk=execution.pk).update(**changed)
        world.work()
    failed = SyncQueueItem.objects.exclude(status="completed").values_list("error_code", flat=True)
    assert set(failed) <= {"table_conflict"}


def erase_one() -> None:
    own = SyncTable.objects.filter(execution_id__isnull=False).last()
    assert own
    (place,) = erase_results(Erased("execution", str(own.execution_id)))
    assert place.tables == 1


def take_everything_out(world: World) -> None:
    """Own tables, one of which somebody has dropped, and rows of a shared one."""
    gone = SyncTable.objects.filter(execution_id__isnull=False).first()
    assert gone
    world.snowflake.rows(f"DROP TABLE {qualified(gone.database_name, gone.schema_name, gone.table_name)}")
    exclude(world, "*")
    assert ask(world).changed
    world.work()
    ended = set(SyncQueueItem.objects.values_list("error_code", flat=True))
    assert ended <= {"excluded_by_rule", "table_conflict", "erased"}


def sweep(destination: Destination, path: Path) -> None:
    """What a check and an attempt left long ago."""
    began = datetime.now(UTC) - timedelta(days=9)
    table = destination.table(check_table_name(began, "0" * 32))
    mark = statements.marker("check", table.name, 7)
    session = Session(destination)
    session.execute(statements.create_table(table, [], mark, PERMANENT).replace("()", "(A VARCHAR)"), "make a table")
    load = FileLoad(table, (), path, 1, staged_name(began, "0" * 32), mark)
    make_stage(session, table)
    upload(session, load)
    assert (
        clear_tables(session, table, datetime.now(UTC)),
        clear_staged_files(session, table, datetime.now(UTC)),
    ) == (1, 1)
    session.close()


def take_over(destination: Destination) -> None:
    """What is sent to end somebody else's transaction, and to make a table anew from rows aside."""
    table = destination.table("it's")
    with Pool().fenced_session(destination) as other, Pool().fenced_session(destination) as session:
        for name in (table, table.beside("ASIDE")):
            session.execute(f"CREATE TABLE {name} (A VARCHAR)", "make a table")
        session.execute(statements.delete_all(table), "delete")
        for replace, keeping in ((True, PERMANENT), (False, Keeping(is_transient=True, days=0))):
            session.execute(statements.drop(table), "drop")
            clone = statements.create_clone(table, table.beside("ASIDE"), keeping, replace=replace)
            session.execute(clone, "clone")
        other.execute(statements.begin("USS_1"), "begin")
        assert current_user(session) == destination.credentials.user.upper()
        end_transaction(session, "USS_1")


def test_what_is_sent(
    hostile: World, destination: Destination, snowflake_server: LocalSnowflake, tmp_path: Path
) -> None:
    load_everything(hostile)
    erase_one()
    take_everything_out(hostile)
    checked = check_destination(destination, "it's", directory=tmp_path)
    assert checked.passed, [step for step in checked.steps if step.message]
    (tmp_path / "file.csv.zst").write_bytes(b"")
    sweep(destination, tmp_path / "file.csv.zst")
    take_over(destination)

    statements_sent = sent(snowflake_server, destination)
    assert unknown(statements_sent) == []
    verbs = {shape(sql).split(" ")[0] for sql in statements_sent}
    assert verbs >= {
        "ALTER",
        "BEGIN",
        "COMMIT",
        "COPY",
        "CREATE",
        "DELETE",
        "DROP",
        "INSERT",
        "LIST",
        "MERGE",
        "PUT",
        "REMOVE",
        "SHOW",
        "DESCRIBE",
        "UPDATE",
        "USE",
    }


def printed() -> Iterator[str]:
    """What people are told to run: the scripts, the fixes of every step, what concerns a user's keys."""
    user = "us'er;"
    setup = Setup(
        user=quote(user),
        role=quote('ro"le'),
        warehouse=quote("ware\\house"),
        database=quote("da--ta"),
        schema=quote("sch/*"),
        public_key="MIIB",
        access_token=True,
    )
    for script in (setup_script(setup), undo_script(setup)):
        for block in script.split("\n\n")[1:]:
            yield from (
                block.partition("\n")[2].replace("\n-- ", "\n").removeprefix("-- ").removesuffix(";").split(";\n")
            )
    yield from (unset_public_key(user, slot) for slot in (1, 2))
    hers = Table("da--ta", "sch/*", "it's")
    yield from (sql.removesuffix(";") for sql in for_administrator(7, [ToErase(hers), ToErase(hers, ["o'n\\e"])]))
    destination = Destination("a", setup.database, setup.schema, setup.warehouse, Password(user, "x"), setup.role)
    fixes = Fixes(destination, destination.table("it's"), 1, destination.role)
    for step in TITLES:
        for code in ("privilege_missing", "user_locked", "user_disabled", "warehouse_suspended"):
            yield from fixes.of(step, failure(code, "No.")).statements


def test_what_is_printed() -> None:
    statements_printed = [sql.strip() for sql in printed() if sql.strip()]
    assert len(statements_printed) > 40
    assert unknown(statements_printed) == []


def test_what_is_known_to_be_misread_is_misread_still(
    hostile: World, destination: Destination, snowflake_server: LocalSnowflake, tmp_path: Path
) -> None:
    """A grammar that has learnt to read something is believed from then on."""
    assert check_destination(destination, "live", directory=tmp_path).passed
    (tmp_path / "file.csv.zst").write_bytes(b"")
    sweep(destination, tmp_path / "file.csv.zst")
    take_over(destination)
    found = misread([*sent(snowflake_server, destination), *printed()])
    for grammar, known in MISREAD.items():
        shapes = [shape(sql) for sql in found[grammar]]
        assert [kind for kind in known if not any(each.startswith(kind) for each in shapes)] == [], grammar


@pytest.mark.parametrize(
    "sql",
    [
        'DROP TABLE "A""',
        "CREATE TABLE \"A\" (B VARCHAR) COMMENT = 'it's'",
        'SELECT "A" FROM "B"; DROP TABLE "B"',
        'COPY INTO "A" FROM @"B" FILE_FORMAT = (TYPE = CSV',
        "SHOW TABLES IN SCHEMA \"A\" LIMIT 10 STARTS WITH 'X' FROM",
        'GRANT ROLE "A" TO',
    ],
)
def test_what_is_wrong_is_not_read(sql: str) -> None:
    assert any(misread([sql]).values())
