"""What SHOW and DESCRIBE say of tables, and how rows are compared: what a look goes by."""

from sync.models import SyncFinding
from sync.snowflake.identifiers import quote
from sync.snowflake.session import Pool, Session
from sync.snowflake.show_statements import rows_only_in
from sync.snowflake.warehouse import columns_in, has_role, tables_in, views_in
from sync.warehouse import compare_deeply, reconcile
from tests.live.account import Account
from tests.live.whole_way import arrive, table_of
from tests.world import World

COLUMNS = [
    ("a", "integer"),
    ("b", "string"),
    ("c", "decimal(12,2)"),
    ("d", "timestamptz"),
    ("e", "json"),
    ("f", "time"),
]
ROWS = [[1, "x", "1.50", "2024-02-29T12:00:00+05:30", {"z": 1}, "12:00"], [None] * 6]


def look(world: World) -> list[str]:
    pool = Pool()
    reconcile(world.configuration.pk, pool)
    pool.close()
    return sorted(SyncFinding.objects.filter(closed_at=None).values_list("kind", flat=True))


def test_a_look_after_a_load(world: World) -> None:
    """SHOW TABLES and DESCRIBE TABLE say of a table that was just loaded what was loaded: rows, owner, columns."""
    arrive(world, COLUMNS, ROWS)
    assert look(world) == []


def test_a_look_after_changes_by_hand(world: World, account: Account) -> None:
    """SHOW TABLES shows at once that rows were deleted, a column was added, and a table is gone or renamed."""
    tables = [table_of(world, arrive(world, COLUMNS, ROWS)) for _ in range(4)]
    account.ask(f"DELETE FROM {tables[0]} WHERE A = 1")
    account.ask(f"ALTER TABLE {tables[1]} ADD COLUMN MINE DATE")
    account.ask(f"DROP TABLE {tables[2]}")
    account.ask(f"ALTER TABLE {tables[3]} RENAME TO {quote(account.schema)}.ELSEWHERE")
    assert look(world) == ["columns", "fewer_rows", "missing", "renamed"]


def test_pages_of_tables_and_views(account: Account, session: Session) -> None:
    """SHOW in a schema lists tables and views by name with their comments; LIMIT … FROM goes on behind a name."""
    schema = account.destination.table("")
    names = ["PAGED", "PAGED_MORE", "paged"]
    for name in names:
        account.ask(f"CREATE TABLE {quote(account.schema)}.{quote(name)} (A NUMBER(38,0)) COMMENT = 'it''s'")
    account.ask(f"CREATE VIEW {quote(account.schema)}.SEEN AS SELECT 1 AS A")
    shown = [one.name for page in tables_in(session, schema) for one in page]
    assert [name for name in shown if name in names] == names
    assert "SEEN" in [name for page in views_in(session, schema) for name in page]
    behind = f"SHOW TABLES IN SCHEMA {quote(account.schema)} LIMIT 1 FROM 'PAGED'"
    assert [row["name"] for row in account.ask(behind).rows] == ["PAGED_MORE"]
    assert columns_in(session, account.destination.table("NONE")) is None


def test_the_owner_of_a_table_is_a_role_of_the_session(account: Account, session: Session) -> None:
    """IS_ROLE_IN_SESSION knows the role that owns what the session has made, and no role that is not there."""
    account.ask(f"CREATE TABLE {quote(account.schema)}.OWNED (A NUMBER(38,0))")
    listed = [one for page in tables_in(session, account.destination.table("")) for one in page]
    (shown,) = (one for one in listed if one.name == "OWNED")
    assert has_role(session, shown.owner)
    assert not has_role(session, "NO_ROLE_HAS_THIS_NAME")


def test_minus_of_variants(account: Account, session: Session) -> None:
    """MINUS takes VARIANTs of the same JSON for equal, and NULL for NULL."""
    one, other = account.destination.table("MINUS_ONE"), account.destination.table("MINUS_OTHER")
    for table in (one, other):
        account.ask(f'CREATE TABLE {table} ("_ROW_NUMBER" NUMBER(38,0), V VARIANT)')
        same = """SELECT 1, PARSE_JSON('{"a": [1, null]}') UNION ALL SELECT 2, NULL"""
        account.ask(f"INSERT INTO {table} {same}")
    account.ask(f"INSERT INTO {one} SELECT 3, PARSE_JSON('1')")
    rows = session.execute(rows_only_in(one, other, ["_ROW_NUMBER", "V"], None), "compare").rows
    assert [(int(row["number"]), int(row["all"])) for row in rows] == [(3, 1)]


def test_a_deep_check(world: World, account: Account) -> None:
    """What is loaded once more into a temporary table is equal to what was loaded, until somebody changes a value."""
    execution = arrive(world, COLUMNS, ROWS)
    pool = Pool()
    item = world.item(execution)
    assert compare_deeply(item, pool).are_equal
    account.ask(f"UPDATE {table_of(world, execution)} SET A = 2 WHERE A = 1")
    assert compare_deeply(item, pool).said.endswith("1 row differs, by number: 1.")
    pool.close()
