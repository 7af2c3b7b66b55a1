"""A Snowflake account as we connect to it, and how long anything there may take."""

import hashlib
import re
import secrets
from dataclasses import dataclass, fields, replace
from functools import cached_property

from sync.errors import failure
from sync.snowflake.identifiers import IdentifierCase, quote, resolve
from sync.snowflake.keeping import PERMANENT, Keeping
from sync.snowflake.session.account import Address, address_for
from sync.snowflake.session.credentials import Credentials
from sync.snowflake.session.tagging import query_tag
from sync.snowflake.statements import Table

APPLICATION = "UniversalSnowflakeSync"

# A key that got into a log must not help to guess a password.
_PROCESS_KEY = secrets.token_bytes(32)

_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*")

LONGEST_PAUSE = 8  # seconds that the connector sleeps between two tries, at most
_KEY_PAIR_SOCKET = 10  # connector 4's own socket limit when it logs in with a key pair


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that things may take. Whole numbers: connector 4 cuts fractions off.

    login: until a log-in is given up · network: requests that are not queries (a token's renewal, a cancellation) ·
    socket: one connect, or one wait for bytes · statement: a query, retries of its HTTP errors included; Snowflake gets
    the same figure as STATEMENT_TIMEOUT_IN_SECONDS · lock: waiting for another transaction's lock.
    """

    login: int = 30
    network: int = 60
    socket: int = 60
    statement: int = 600
    lock: int = 60
    fenced: int = 3600

    @property
    def for_fenced(self) -> "Limits":
        """The limits of a session that has nothing but a named transaction."""
        return replace(self, statement=max(self.statement, self.fenced))

    @property
    def longest_statement(self) -> int:
        """Seconds after which a statement has ended, whatever happens.

        The connector looks at its clock only between tries: it may just have begun to sleep and
        then to connect, which it does twice.
        """
        return self.statement + LONGEST_PAUSE + 2 * self.socket

    @property
    def longest_login(self) -> int:
        """The same of a log-in: key pairs try until `login` is over, other methods twice."""
        key_pair = self.login + LONGEST_PAUSE + 2 * _KEY_PAIR_SOCKET
        return max(key_pair, 2 * 2 * self.socket + 1)

    @classmethod
    def within(cls, seconds: int, *, fenced: int = 3600) -> "Limits":
        """The usual limits, shortened so that every statement ends within `seconds` (a lease), but `fenced` ones.

        Below 13 seconds that cannot be: the connector's own pauses and tries take as long.
        """
        usual = cls(fenced=fenced)
        if usual.longest_statement <= seconds:
            return usual
        socket = min(usual.socket, max(1, seconds // 5))
        statement = max(1, seconds - LONGEST_PAUSE - 2 * socket)
        return replace(
            usual,
            login=min(usual.login, statement),
            network=min(usual.network, statement),
            socket=socket,
            statement=statement,
            lock=min(usual.lock, statement),
        )


@dataclass(frozen=True)
class Destination:
    """A user's Snowflake configuration, ready to connect.

    Database, schema, warehouse and role are given as the user typed them and kept as Snowflake reads them, where
    `sales` is SALES. `endpoint` is the operator's: another address in place of Snowflake's (the sandbox).
    `commits_by_itself`: what is sent outside a transaction takes effect; otherwise nothing does before a COMMIT.
    `keeping`: of the tables that are made there.
    """

    account: str
    database: str
    schema: str
    warehouse: str
    credentials: Credentials
    role: str = ""
    identifier_case: IdentifierCase = "upper"
    endpoint: str = ""
    commits_by_itself: bool = True
    keeping: Keeping = PERMANENT

    def __post_init__(self) -> None:
        for name in ("database", "schema", "warehouse", "role"):
            object.__setattr__(self, name, resolve(getattr(self, name)))

    def table(self, name: str, schema: str = "") -> Table:
        """The table `name` (exactly) in this database, and in its schema or another one, as typed."""
        return Table(self.database, resolve(schema) or self.schema, name)

    @property
    def address(self) -> Address:
        """Where to connect. Raises configuration_invalid."""
        return address_for(self.account, self.endpoint)

    @cached_property
    def key(self) -> str:
        """It changes whenever anything does that matters for a connection, and holds within this process only."""
        credentials = self.credentials
        parts = (
            self.account,
            self.endpoint,
            self.database,
            self.schema,
            self.warehouse,
            self.role,
            type(credentials).__name__,
            [getattr(credentials, field.name) for field in fields(credentials) if field.compare],
        )
        return hashlib.blake2b(repr(parts).encode(), key=_PROCESS_KEY, digest_size=16).hexdigest()


def connect_arguments(destination: Destination, limits: Limits) -> dict[str, object]:
    """The connector's arguments that both its lines know, without time limits (see driver.py).

    Raises configuration_invalid.
    """
    address = destination.address
    names = {name: getattr(destination, name) for name in ("database", "schema", "warehouse", "role")}
    for needed in ("database", "schema"):
        if not names[needed]:
            raise failure("configuration_invalid", f"The destination has no {needed}")
    return {
        "account": address.account,
        "host": address.host,
        "port": address.port,
        "protocol": address.protocol,
        "application": APPLICATION,
        "autocommit": destination.commits_by_itself,
        "session_parameters": session_parameters(limits),
        "client_store_temporary_credential": False,
        # Values go to Snowflake beside the statement, not in its text.
        "paramstyle": "qmark",
        **{name: _for_login(name, value) for name, value in names.items() if value},
        **destination.credentials.arguments(),
    }


def session_parameters(limits: Limits) -> dict[str, object]:
    """What goes with the log-in, so that no statement is needed and no account's settings change a load.

    TIME and TIMESTAMP stay AUTO, which reads ISO 8601 with and without fractions and zones, as no fixed format does.
    """
    return {
        "QUERY_TAG": query_tag({}),
        "TIMEZONE": "UTC",
        "ABORT_DETACHED_QUERY": True,
        "DATE_INPUT_FORMAT": "YYYY-MM-DD",
        "TIME_INPUT_FORMAT": "AUTO",
        "TIMESTAMP_INPUT_FORMAT": "AUTO",
        "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
        "STATEMENT_TIMEOUT_IN_SECONDS": limits.statement,
        "LOCK_TIMEOUT": limits.lock,
        "CLIENT_SESSION_KEEP_ALIVE": False,
        "CLIENT_TELEMETRY_ENABLED": False,
    }


def _for_login(what: str, name: str) -> str:
    """A log-in reads names as SQL does: quotes, unless the name is the same without them."""
    try:
        return name if _PLAIN.fullmatch(name) else quote(name)
    except ValueError as error:
        raise failure("configuration_invalid", f"The {what} cannot be right: {error}") from None
