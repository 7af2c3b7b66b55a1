"""What the sandbox knows of a session beyond fakesnow's connection."""

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


# The session whose statement this thread runs.
current: ContextVar[Session | None] = ContextVar("current", default=None)


def of(connection: Any) -> Session:
    """The session of a fakesnow connection."""
    session = getattr(connection, "sandbox_session", None)
    if session is None:
        session = connection.sandbox_session = Session(connection)
    assert isinstance(session, Session)
    return session
