"""The account that is tried: a real one that the environment names, or the local Snowflake."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.snowflake.client import LocalSnowflake
from sync.errors import SyncError
from sync.snowflake.identifiers import Exact, qualified
from sync.snowflake.session import Answer, Session
from sync.snowflake.session.destination import Destination
from tests.live.settings import Method, credentials, secrets_given


@dataclass
class Account:
    """`destination` is a schema of this run alone. What is made outside of it has a name of `name`, and is undone."""

    destination: Destination
    method: Method
    secret: str
    run: str
    admin_role: str = ""
    server: LocalSnowflake | None = None
    sent: set[str] = field(default_factory=set)
    _undo: list[str] = field(default_factory=list)
    _reader: Session | None = None

    @property
    def database(self) -> str:
        return self.destination.database

    @property
    def schema(self) -> str:
        return self.destination.schema

    def name(self, what: str) -> str:
        """A name that nobody else in the account has."""
        return f"{self.run}_{what}"

    @contextmanager
    def session(self, **changes: Any) -> Iterator[Session]:
        """A session of its own, with another role or schema, say."""
        session = Session(replace(self.destination, **changes))
        try:
            yield session
        finally:
            session.close()

    def ask(self, sql: str) -> Answer:
        """One statement, in a session that all of these calls share."""
        if self._reader is None or not self._reader.usable:
            self._reader = Session(self.destination)
        return self._reader.execute(sql, "try this")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.ask(sql).rows]

    def administer(self, *statements: str, undo: Sequence[str] = ()) -> None:
        """Runs what needs the administrator's role; `undo` is run in the end, whatever happens.

        All of it is sent; what was refused first is raised in the end.
        """
        self._undo += undo
        refused = None
        with self.session(role=Exact(self.admin_role)) as session:
            for statement in statements:
                try:
                    session.execute(statement, "prepare this")
                except SyncError as error:
                    refused = refused or error
        if refused:
            raise refused

    def note_what_was_sent(self) -> None:
        """In `sent`; of a real account nothing."""
        if self.server:
            self.sent |= {each.sql for each in self.server.statements("", self.database)}

    def make_schema(self) -> None:
        with self.session(schema=Exact("PUBLIC")) as session:
            session.execute(f"CREATE SCHEMA {qualified(self.database, self.schema)}", "make this run's schema")

    @contextmanager
    def another_schema(self, name: str) -> Iterator[None]:
        """Made in a session of its own, whose current schema it becomes."""
        place = qualified(self.database, name)
        with self.session() as session:
            session.execute(f"CREATE SCHEMA {place}", "make another schema")
            try:
                yield
            finally:
                session.tidy_up(f"DROP SCHEMA {place}", "drop the other schema")

    def tidy_up(self) -> list[str]:
        """Undoes everything, the last thing first. The statements that did not work."""
        if self._reader is not None:
            self._reader.close()
        with self.session(schema=Exact("PUBLIC"), role=Exact(self.admin_role or self.destination.role)) as session:
            left = [statement for statement in reversed(self._undo) if not session.tidy_up(statement, "undo this")]
        with self.session(schema=Exact("PUBLIC")) as session:
            drop = f"DROP SCHEMA IF EXISTS {qualified(self.database, self.schema)}"
            if not session.tidy_up(drop, "drop this run's schema"):
                left.append(drop)
        return left


def real_account() -> Account:
    """The account that the environment names."""
    method, secret = next(iter(secrets_given().items()))
    run = _run()
    destination = Destination(
        account=os.environ["LIVE_ACCOUNT"],
        database=os.environ["LIVE_DATABASE"],
        schema=run,
        warehouse=os.environ["LIVE_WAREHOUSE"],
        role=os.environ["LIVE_ROLE"],
        credentials=credentials(os.environ["LIVE_USER"], method, secret),
    )
    return Account(destination, method, secret, run, os.environ.get("LIVE_ADMIN_ROLE", ""))


def local_account(server: LocalSnowflake) -> Account:
    """A database of its own on the local Snowflake, which knows no roles."""
    run = _run()
    secret = secrets_given()[Method.PASSWORD]
    destination = Destination(
        account="acme-main",
        database=f"{run}_DB",
        schema=run,
        warehouse="LOADING",
        role="LOADER",
        credentials=credentials("ANN", Method.PASSWORD, secret),
        endpoint=server.endpoint,
    )
    return Account(destination, Method.PASSWORD, secret, run, admin_role="ACCOUNTADMIN", server=server)


def _run() -> str:
    return f"USS_LIVE_{secrets.token_hex(5).upper()}"
