"""One statement, from its text to its result: locks, transactions, errors.

Wraps fakesnow's `FakeSnowflakeCursor.execute`, which runs in a thread of its own.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import sqlglot
from fakesnow.cursor import FakeSnowflakeCursor
from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp

from sandbox.snowflake.mends import owners, stages, users
from sandbox.snowflake.mends import session as sessions
from sandbox.snowflake.mends.answers import Answer
from sandbox.snowflake.mends.errors import is_conflict, translated
from sandbox.snowflake.mends.identifiers import upper_case_unquoted_identifiers
from sandbox.snowflake.mends.locks import Table, locks
from sandbox.snowflake.mends.parsing import parse_one
from sandbox.snowflake.mends.patching import patch
from sandbox.snowflake.mends.results import names_shown
from sandbox.snowflake.mends.session import Session
from sandbox.snowflake.mends.transactions import ABORT, BEGIN_NAME, transactions

_execute = FakeSnowflakeCursor.execute
_describe = FakeSnowflakeCursor._describe_last_sql
_DDL = (exp.Create, exp.Drop, exp.Alter, exp.Comment)
_WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Copy, exp.TruncateTable, *_DDL)
_OF_STAGES = re.compile(r"\s*(LIST|LS|REMOVE|RM)\s+('?@.*)", re.IGNORECASE | re.DOTALL)
_DROP_STAGE = re.compile(r"\s*DROP\s+STAGE\s+(IF\s+EXISTS\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_SET = re.compile(r"\s*ALTER\s+SESSION\s+(SET|UNSET)\s+(.*)", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r'\s*SELECT\s+CURRENT_USER\(\)(?:\s+AS\s+"(\w+)")?\s*;?\s*', re.IGNORECASE)
_SUCCESS = "SELECT 'Statement executed successfully.' AS \"status\""
_SETTING = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|\S+)")
# What is told of definitions is read in several steps, and between two steps of one it is not what it will be.
_TOLD = (exp.Show, exp.Describe)
# DuckDB's catalogue does not like two definitions at once; they take a moment.
_definitions = threading.RLock()
_TRIES = 5


def execute(self: Any, command: str, *args: Any, **kwargs: Any) -> Any:
    """fakesnow's `execute`; its errors are Snowflake's, whatever happened."""
    session = sessions.of(self._conn)
    with session.busy:
        return _execute_alone(self, session, command, args, kwargs)


def _execute_alone(self: Any, session: Session, command: str, args: Any, kwargs: Any) -> Any:
    token = sessions.current.set(session)
    session.idle, self.sandbox_described = False, None
    try:
        _tell_of_abort(session)
        result = _run(self, session, command, args, kwargs)
        if not isinstance(parse_one(command), exp.Select):
            self._arrow_table = names_shown(self._arrow_table)
        self.sandbox_described = self.sandbox_described or _describe(self)
    except Exception as error:
        if isinstance(error, duckdb.Error) and not session.in_transaction:
            _rollback(session)
        raise translated(error) from error
    finally:
        if not session.in_transaction:
            locks.release(session)
        elif not transactions.of(session):
            transactions.begin(session)
        session.idle, session.last_used = True, time.monotonic()
        sessions.current.reset(token)
    return result


def _tell_of_abort(session: Session) -> None:
    """Once, to the session whose transaction another one broke."""
    if session.aborted:
        session.aborted = False
        raise ProgrammingError(
            msg="Transaction was aborted: it was idle and held a lock that others waited for.",
            errno=625,
            sqlstate="57014",
        )


def _run(cursor: Any, session: Session, command: str, args: Any, kwargs: Any) -> Any:
    if own := _own(cursor, session, command):
        return cursor._execute(sqlglot.parse_one(own.sql(), read="duckdb"))
    if named := BEGIN_NAME.fullmatch(command):
        command = "BEGIN"
    expression = parse_one(command)
    if isinstance(expression, exp.Transaction) and session.in_transaction:
        return _execute(cursor, _SUCCESS)
    if isinstance(expression, (exp.Commit, exp.Rollback)):
        return _end(cursor, session, commit=isinstance(expression, exp.Commit))
    if isinstance(expression, _DDL) and expression.args.get("kind") != "SESSION":
        end_transaction(session, commit=True)
    for table in _written(expression, session):
        _lock(session, table)
    if isinstance(expression, (*_DDL, *_TOLD)):
        with _definitions:
            return _with_tries(cursor, session, expression, command, args, kwargs)
    result = _with_tries(cursor, session, expression, command, args, kwargs)
    if isinstance(expression, exp.Transaction):
        session.transaction = True
        transactions.begin(session, named[1] if named else "")
    return result


def _end(cursor: Any, session: Session, *, commit: bool) -> Any:
    """COMMIT or ROLLBACK, and its answer."""
    with session.ending:
        end_transaction(session, commit=commit)
        result = _execute(cursor, _SUCCESS)
        cursor.sandbox_described = _describe(cursor)
    return result


def _with_tries(cursor: Any, session: Session, expression: Expr, command: str, args: Any, kwargs: Any) -> Any:
    """Run it; again, where DuckDB met a conflict that no transaction of the client's is part of."""
    for attempt in range(1, _TRIES + 1):
        try:
            result = _in_transaction(cursor, session, expression, command, args, kwargs)
        except Exception as error:
            if session.in_transaction or attempt == _TRIES or not is_conflict(error):
                raise
            _rollback(session)
            time.sleep(0.02 * attempt)
        else:
            break
    return result


def _in_transaction(cursor: Any, session: Session, expression: Expr, command: str, args: Any, kwargs: Any) -> Any:
    """INSERT OVERWRITE is two statements inside, a query is run and described: each needs a transaction of its own."""
    query, overwrite = isinstance(expression, exp.Query), expression.args.get("overwrite")
    if not (query or overwrite) or session.in_transaction or not session.connection._autocommit:
        return _execute(cursor, command, *args, **kwargs)
    duck = session.connection._duck_conn
    duck.begin()
    try:
        result = _execute(cursor, command, *args, **kwargs)
        cursor.sandbox_described = _describe(cursor) if query else None
    except BaseException:
        _rollback(session)
        raise
    duck.commit()
    return result


def _own(cursor: Any, session: Session, command: str) -> Answer | None:
    """Statements that fakesnow does not know, or knows too little of."""
    connection = cursor._conn
    if found := _OF_STAGES.match(command):
        listing = found[1].upper() in {"LIST", "LS"}
        place = (connection._duck_conn, connection.database, connection._schema)
        files = stages.files(*stages.reference(*place, found[2]))
        return stages.list_files(files) if listing else stages.remove_files(files)
    if found := _DROP_STAGE.match(command):
        return stages.drop(connection._duck_conn, connection.database, connection._schema, found[2], missing=found[1])
    if owned := owners.told(command, connection.database, connection._schema):
        return owned
    if key := users.of_keys(command):
        users.known.change(key)
        return Answer({"status": ""}, [("Statement executed successfully.",)])
    if (found := _SET.match(command)) and "AUTOCOMMIT" not in command.upper():
        for name, value in _SETTING.findall(found[2]):
            session.parameters[name.upper()] = value.strip("';").replace("''", "'")
        if found[1].upper() == "UNSET":
            session.parameters.pop(found[2].strip(" ;").upper(), None)
        return Answer({"status": ""}, [("Statement executed successfully.",)])
    return _of_sessions(session, command)


def _of_sessions(session: Session, command: str) -> Answer | None:
    """Statements about sessions and their transactions."""
    if found := ABORT.fullmatch(command):
        return _abort(int(found[1]), session.user)
    if found := _USER.fullmatch(command):
        return Answer({found[1] or "CURRENT_USER()": ""}, [(session.user.upper(),)])
    return transactions.told(command, session)


def _written(expression: Expr, session: Session) -> list[Table]:
    """The tables that a statement changes."""
    if not isinstance(expression, _WRITES) or expression.args.get("kind") not in (None, "TABLE", True):
        return []
    targets = [expression.this, *(expression.args.get("tables") or []), *expression.expressions]
    targets += [swap.this for swap in expression.find_all(exp.SwapTable)]
    tables = [t.this if isinstance(t, exp.Schema) else t for t in targets]
    return sorted(_full_name(t, session.connection) for t in tables if isinstance(t, exp.Table))


def _full_name(table: exp.Table, connection: Any) -> Table:
    folded: Any = table.transform(upper_case_unquoted_identifiers)
    catalog, schema = folded.catalog or connection.database, folded.db or connection._schema
    return catalog or "", schema or "", folded.name


def _lock(session: Session, table: Table) -> None:
    timeout = float(session.parameter("LOCK_TIMEOUT", "43200"))
    while abandoned := locks.acquire(session, table, timeout):
        with _at_rest(abandoned) as rests:
            if rests and locks.is_abandoned(abandoned):
                end_transaction(abandoned, commit=False)
                abandoned.aborted = True


@contextmanager
def _at_rest(session: Session) -> Iterator[bool]:
    """Whether nothing runs in a session; nothing does then while this lasts."""
    rests = session.busy.acquire(blocking=False)
    try:
        yield rests
    finally:
        if rests:
            session.busy.release()


def end_transaction(session: Session, *, commit: bool) -> None:
    """COMMIT, as a definition does by itself; or ROLLBACK, as for a session that went away."""
    with session.busy, session.ending:
        if session.in_transaction:
            duck = session.connection._duck_conn
            try:
                duck.commit() if commit else duck.rollback()
            except duckdb.Error as error:
                _rollback(session)
                if commit:
                    raise translated(error) from None
            session.transaction = session.connection._in_transaction = False
        transactions.end(session, commit=commit)
        locks.release(session)


def _abort(number: int, user: str) -> Answer:
    """SYSTEM$ABORT_TRANSACTION: what runs in it is cancelled; one that has ended stays as it is."""
    found = transactions.of_user(number, user)
    while not found.ended:
        with _at_rest(found.session) as rests:
            if rests and not found.ended:
                end_transaction(found.session, commit=False)
        if not rests:
            found.session.cancel()
            time.sleep(0.01)
    said = f"Aborted transaction id: {number}" if found.state != "committed" else f"Transaction {number} has committed."
    return Answer({f"SYSTEM$ABORT_TRANSACTION({number})": ""}, [(said,)])


def _rollback(session: Session) -> None:
    try:
        session.connection._duck_conn.rollback()
    except duckdb.Error:
        return


def described(self: Any) -> Any:
    """Described with the statement, in its thread: by now another session may have dropped it."""
    return self.sandbox_described


def apply() -> None:
    patch("fakesnow.cursor:FakeSnowflakeCursor", "execute", execute)
    patch("fakesnow.cursor:FakeSnowflakeCursor", "_describe_last_sql", described)
