"""Transactions and many sessions at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from snowflake.connector.errors import ProgrammingError

from sandbox.snowflake.client import LocalSnowflake
from tests.chaos.waiting import until
from tests.conftest import Snowflake
from tests.sandbox.loading import FORMAT, as_csv, copy, put


@pytest.mark.parametrize(("end", "rows"), [("COMMIT", [("b", 2)]), ("ROLLBACK", [("a", 1)])])
def test_delete_and_copy_take_effect_together(
    snowflake: Snowflake, tmp_path: Path, end: str, rows: list[tuple[str, int]]
) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute('CREATE TABLE t ("_EXECUTION_ID" VARCHAR, v NUMBER(38,0))')
    cursor.execute("INSERT INTO t VALUES ('a', 1)")
    reference = put(cursor, tmp_path, as_csv([("b", "2")]))
    cursor.execute("BEGIN")
    cursor.execute("DELETE FROM t WHERE \"_EXECUTION_ID\" IN ('a', 'b')")
    copy(cursor, "t", reference)

    assert snowflake.rows("SELECT * FROM t") == [("a", 1)]
    cursor.execute(end)

    assert snowflake.rows("SELECT * FROM t") == rows


def test_a_failed_copy_can_be_rolled_back(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (v NUMBER(38,0))")
    cursor.execute("INSERT INTO t VALUES (1)")
    reference = put(cursor, tmp_path, as_csv([("x",)]))
    cursor.execute("BEGIN")
    cursor.execute("DELETE FROM t")
    with pytest.raises(ProgrammingError, match="Numeric value 'x'"):
        copy(cursor, "t", reference)

    cursor.execute("ROLLBACK")

    assert snowflake.rows("SELECT * FROM t") == [(1,)]
    cursor.execute("INSERT INTO t VALUES (2)")
    assert snowflake.rows("SELECT count(*) FROM t") == [(2,)]


def test_a_definition_commits_what_is_open(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("BEGIN")
    cursor.execute("INSERT INTO t VALUES (1)")

    cursor.execute("CREATE TABLE u (v INT)")

    cursor.execute("ROLLBACK")
    assert snowflake.rows("SELECT * FROM t") == [(1,)]


def test_autocommit_off(snowflake: Snowflake) -> None:
    connection = snowflake.connect(autocommit=False)
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("INSERT INTO t VALUES (1)")
    assert snowflake.rows("SELECT * FROM t") == []

    connection.commit()

    assert snowflake.rows("SELECT * FROM t") == [(1,)]


def test_a_second_writer_waits_for_the_first(snowflake: Snowflake) -> None:
    first, second = snowflake.connect().cursor(), snowflake.connect().cursor()
    first.execute("CREATE TABLE t (v INT)")
    first.execute("INSERT INTO t VALUES (1)")
    first.execute("BEGIN")
    first.execute("UPDATE t SET v = v + 1")
    waiting = threading.Thread(target=second.execute, args=("UPDATE t SET v = v * 10",))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()

    first.execute("COMMIT")
    waiting.join(60)

    assert snowflake.rows("SELECT v FROM t") == [(20,)]


def test_a_lock_is_waited_for_no_longer_than_asked(snowflake: Snowflake) -> None:
    first = snowflake.connect().cursor()
    second = snowflake.connect(session_parameters={"LOCK_TIMEOUT": 1}).cursor()
    first.execute("CREATE TABLE t (v INT)")
    first.execute("BEGIN")
    first.execute("DELETE FROM t")

    with pytest.raises(ProgrammingError) as raised:
        second.execute("DELETE FROM t")

    assert (raised.value.errno, raised.value.sqlstate) == (625, "57014")


def test_logging_out_rolls_back(snowflake: Snowflake) -> None:
    connection = snowflake.connect()
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("BEGIN")
    cursor.execute("INSERT INTO t VALUES (1)")

    connection.close()

    assert snowflake.rows("SELECT * FROM t") == []
    snowflake.rows("INSERT INTO t VALUES (2)")


def test_an_abandoned_transaction_gives_way() -> None:
    with LocalSnowflake(abandoned_after=0.5) as server, server.connect("DB") as left, server.connect("DB") as other:
        cursor = left.cursor()
        cursor.execute("CREATE TABLE t (v INT)")
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO t VALUES (1)")

        other.cursor().execute("INSERT INTO t VALUES (2)")

        with pytest.raises(ProgrammingError, match="Transaction was aborted"):
            cursor.execute("COMMIT")
        assert other.cursor().execute("SELECT * FROM t").fetchall() == [(2,)]


@pytest.mark.long
def test_many_sessions_load_into_one_database(snowflake: Snowflake, tmp_path: Path) -> None:
    snowflake.rows("CREATE TABLE shared (e VARCHAR, v NUMBER(38,0))")
    start = threading.Barrier(8, timeout=30)

    def load(worker: int) -> None:
        cursor = snowflake.connect().cursor()
        start.wait()
        for i in range(6):
            own = f'"own {worker} {i}"'
            rows = as_csv([(f"{worker}", str(n)) for n in range(50)])
            cursor.execute(f"CREATE TABLE {own} (e VARCHAR, v NUMBER(38,0)) COMMENT = 'x'")
            assert copy(cursor, own, put(cursor, tmp_path, rows))[3] == 50
            reference = put(cursor, tmp_path, rows)
            cursor.execute("BEGIN")
            cursor.execute(f"DELETE FROM shared WHERE e IN ('{worker}')")
            cursor.execute(f"COPY INTO shared (e, v) FROM {reference} {FORMAT}")
            cursor.execute("COMMIT")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(load, range(8)))

    assert snowflake.rows("SELECT e, count(*) FROM shared GROUP BY e ORDER BY e") == [
        (str(worker), 50) for worker in range(8)
    ]
    assert snowflake.rows("SELECT count(*) FROM information_schema.tables") == [(49,)]
    assert [s for s in snowflake.statements() if s.error_code] == []


def _running(snowflake: Snowflake, user: str = "sandbox") -> dict[str, int]:
    """The transactions that this user sees, by name."""
    rows = snowflake.connect(user=user).cursor().execute("SHOW TRANSACTIONS").fetchall()
    return {name: number for number, _, _, name, *_ in rows}


def _is_locked(snowflake: Snowflake) -> bool:
    """Whether somebody writes to the table t."""
    try:
        snowflake.connect(session_parameters={"LOCK_TIMEOUT": 1}).cursor().execute("DELETE FROM t")
    except ProgrammingError as error:
        return error.errno == 625
    return False


@pytest.mark.parametrize(("end", "state"), [("COMMIT", "committed"), ("ROLLBACK", "rolled back")])
def test_a_transaction_is_found_by_its_name_and_its_end_is_told(snowflake: Snowflake, end: str, state: str) -> None:
    cursor = snowflake.connect(user="ann").cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("BEGIN NAME USS_1")
    cursor.execute("INSERT INTO t VALUES (1)")
    number = _running(snowflake, "ann")["USS_1"]
    other = snowflake.connect(user="ann").cursor()
    assert other.execute(f"DESCRIBE TRANSACTION {number}").fetchone()[4] == "running"

    cursor.execute(end)

    assert "USS_1" not in _running(snowflake, "ann")
    assert other.execute(f"DESCRIBE TRANSACTION {number}").fetchone()[4] == state


def test_a_definition_ends_a_named_transaction(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(user="ann").cursor()
    cursor.execute("BEGIN NAME USS_1")
    number = _running(snowflake, "ann")["USS_1"]

    cursor.execute("CREATE TABLE t (v INT)")

    assert cursor.execute(f"DESCRIBE TRANSACTION {number}").fetchone()[4] == "committed"


def test_an_aborted_transaction_takes_nothing_with_it_but_its_rows(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(user="ann").cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("BEGIN NAME USS_1")
    cursor.execute("INSERT INTO t VALUES (1)")
    number = _running(snowflake, "ann")["USS_1"]

    other = snowflake.connect(user="ann").cursor()
    other.execute(f"SELECT SYSTEM$ABORT_TRANSACTION({number})")

    assert other.execute(f"DESCRIBE TRANSACTION {number}").fetchone()[4] == "rolled back"
    assert snowflake.rows("SELECT * FROM t") == []
    # The session does not hear of it, and goes on as a session without a transaction does.
    cursor.execute("INSERT INTO t VALUES (2)")
    cursor.execute("ROLLBACK")
    assert snowflake.rows("SELECT * FROM t") == [(2,)]


def test_what_runs_in_an_aborted_transaction_is_cancelled(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(user="ann").cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("BEGIN NAME USS_1")
    number = _running(snowflake, "ann")["USS_1"]
    # Long, and none of its rows is kept meanwhile.
    many = "INSERT INTO t SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 1000000)) a"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(cursor.execute, many + ", TABLE(GENERATOR(ROWCOUNT => 1000000)) b")
        until(lambda: _is_locked(snowflake), "it runs")
        snowflake.connect(user="ann").cursor().execute(f"SELECT SYSTEM$ABORT_TRANSACTION({number})")
        with pytest.raises(ProgrammingError, match="canceled"):
            running.result(60)

    assert snowflake.rows("SELECT * FROM t") == []


def test_one_that_has_committed_cannot_be_aborted(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(user="ann").cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("BEGIN NAME USS_1")
    cursor.execute("INSERT INTO t VALUES (1)")
    number = _running(snowflake, "ann")["USS_1"]
    cursor.execute("COMMIT")

    cursor.execute(f"SELECT SYSTEM$ABORT_TRANSACTION({number})")

    assert cursor.execute(f"DESCRIBE TRANSACTION {number}").fetchone()[4] == "committed"
    assert snowflake.rows("SELECT * FROM t") == [(1,)]


def test_of_a_commit_and_an_abort_at_once_one_wins_and_that_is_told(snowflake: Snowflake) -> None:
    cursor, other = snowflake.connect(user="ann").cursor(), snowflake.connect(user="ann").cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    states, there = [], []
    for number in range(20):
        cursor.execute(f"BEGIN NAME USS_{number}")
        cursor.execute(f"INSERT INTO t VALUES ({number})")
        transaction = _running(snowflake, "ann")[f"USS_{number}"]
        with ThreadPoolExecutor(1) as pool:
            ending = pool.submit(cursor.execute, "COMMIT")
            other.execute(f"SELECT SYSTEM$ABORT_TRANSACTION({transaction})")
            ending.result(60)
        states.append(other.execute(f"DESCRIBE TRANSACTION {transaction}").fetchone()[4] == "committed")
        there.append(snowflake.rows(f"SELECT COUNT(*) FROM t WHERE v = {number}") == [(1,)])

    assert states == there


def test_others_neither_see_nor_abort_it(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(user="ann").cursor()
    cursor.execute("BEGIN NAME USS_1")
    number = _running(snowflake, "ann")["USS_1"]
    bob = snowflake.connect(user="bob").cursor()
    assert bob.execute("SELECT CURRENT_USER()").fetchone() == ("BOB",)

    assert "USS_1" not in _running(snowflake, "bob")
    for statement in (f"SELECT SYSTEM$ABORT_TRANSACTION({number})", f"DESCRIBE TRANSACTION {number}"):
        with pytest.raises(ProgrammingError, match="not authorized"):
            bob.execute(statement)


def test_what_a_session_sends_after_its_transaction_was_aborted_waits_for_a_commit(snowflake: Snowflake) -> None:
    """If it does not commit by itself."""
    cursor = snowflake.connect(user="ann", autocommit=False).cursor()
    cursor.execute("CREATE TABLE t (v INT)")
    cursor.execute("BEGIN NAME USS_1")
    number = _running(snowflake, "ann")["USS_1"]
    snowflake.connect(user="ann").cursor().execute(f"SELECT SYSTEM$ABORT_TRANSACTION({number})")

    cursor.execute("INSERT INTO t VALUES (1)")

    assert snowflake.rows("SELECT * FROM t") == []
    cursor.execute("ROLLBACK")
    assert snowflake.rows("SELECT * FROM t") == []
