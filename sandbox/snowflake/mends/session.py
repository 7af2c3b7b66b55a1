"""What the sandbox knows of a session beyond fakesnow's connection."""

import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Session:
    """One log-in. `transaction` is true between BEGIN and COMMIT or ROLLBACK."""

    connection: Any
    number: int = 0
    user: str = ""
    account: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    # A temporary table's name and where its full name says that it is.
    temporary: dict[str, tuple[str, str]] = field(default_factory=dict)
    transaction: bool = False
    aborted: bool = False
    idle: bool = True
    last_used: float = 0.0
    # Held by whoever runs a statement in it, or ends its transaction for another.
    busy: threading.RLock = field(default_factory=threading.RLock)
    # Held while its transaction ends: whoever cancels a COMMIT would not know what became of it.
    ending: threading.RLock = field(default_factory=threading.RLock)
    # Requests that have come and are not answered, and the client's ports that they came from.
    requests: int = 0
    ports: set[int] = field(default_factory=set)

    def parameter(self, name: str, default: str = "") -> str:
        value = self.parameters.get(name)
        return default if value in (None, "") else str(value)

    @property
    def in_transaction(self) -> bool:
        """By BEGIN, or because the session does not commit by itself."""
        return self.transaction or bool(self.connection._in_transaction)

    def cancel(self) -> None:
        """What runs in it is cancelled, but the end of a transaction."""
        if self.ending.acquire(blocking=False):
            self.connection._duck_conn.interrupt()
            self.ending.release()


# The session whose statement this thread runs.
current: ContextVar[Session | None] = ContextVar("current", default=None)


def of(connection: Any) -> Session:
    """The session of a fakesnow connection."""
    session = getattr(connection, "sandbox_session", None)
    if session is None:
        session = connection.sandbox_session = Session(connection)
    assert isinstance(session, Session)
    return session
