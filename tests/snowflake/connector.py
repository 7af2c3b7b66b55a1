"""A connector that does what it is told, for tests of sessions and their pool."""

from typing import Any

from snowflake.connector import errors

from sync.snowflake.session import Destination, Password, Session

DESTINATION = Destination("acme", "DB", "PUBLIC", "WH", Password("ann", "hunter2-secret"))
LOST = errors.ProgrammingError(msg="Session no longer exists.", errno=390111, sqlstate="08001")
BROKEN = errors.OperationalError(msg="Failed to execute request", errno=250003)
REFUSED = errors.ProgrammingError(msg="syntax error", errno=1003, sqlstate="42000")


class Connection:
    """A connector's connection that answers everything, or raises what is in `trouble`, in order."""

    def __init__(self, *trouble: BaseException | None) -> None:
        self.trouble = list(trouble)
        self.sent: list[str] = []
        self.closed = 0

    def cursor(self) -> "Connection":
        return self

    def execute(self, sql: str, _values: object = None, **_limits: object) -> None:
        self.sent.append(sql)
        error = self.trouble.pop(0) if self.trouble else None
        if error:
            raise error

    description = (("STATUS", 2),)
    rowcount = 1
    sfqid = "q"

    def fetchall(self) -> list[tuple[str]]:
        return [("done",)]

    def close(self, retry: bool = True) -> None:
        self.closed += 1
        raise OSError("closing does not work either")


class Opener:
    """Hands out connections in order, and counts."""

    def __init__(self, *connections: Connection | BaseException) -> None:
        self.left = list(connections)
        self.opened = 0

    def __call__(self, *_: Any) -> Connection:
        self.opened += 1
        found = self.left.pop(0)
        if isinstance(found, BaseException):
            raise found
        return found


class Scripted(Session):
    """A session whose connections are the opener's."""

    def __init__(self, opener: Opener, **more: Any) -> None:
        self._opener = opener
        super().__init__(DESTINATION, **more)

    def _log_in(self) -> Any:
        return self._opener()
