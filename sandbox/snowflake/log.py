"""The record of what was asked and what went wrong, for tests that count."""

import re
import threading
from dataclasses import asdict
from typing import Any

from sandbox.snowflake.records import Login, Statement, Strike

_PUT = re.compile(r"\s*PUT\s+'?file://(?P<path>[^'\s]*)'?(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


class Log:
    """Statements, log-ins and the faults that struck, numbered across resets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n = 0
        self._statements: list[Statement] = []
        self._logins: list[Login] = []
        self._strikes: list[Strike] = []
        self._last: dict[int, str] = {}

    def statement(self, **values: Any) -> None:
        with self._lock:
            if _asks_for_the_url_again(self._last.get(values["session"], ""), values["sql"]):
                return
            self._last[values["session"]] = values["sql"]
            self._n += 1
            self._statements.append(Statement(n=self._n, **values))

    def login(self, **values: Any) -> None:
        with self._lock:
            self._n += 1
            self._logins.append(Login(n=self._n, **values))

    def strike(self, **values: Any) -> None:
        with self._lock:
            self._n += 1
            self._strikes.append(Strike(n=self._n, **values))

    def statements(self, contains: str, database: str) -> list[dict[str, Any]]:
        with self._lock:
            found = [s for s in self._statements if contains.lower() in s.sql.lower()]
        return [asdict(s) for s in found if not database or s.database == database]

    def logins(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(login) for login in self._logins]

    def strikes(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(strike) for strike in self._strikes]

    def reset(self) -> None:
        with self._lock:
            self._statements.clear()
            self._logins.clear()
            self._strikes.clear()


def _asks_for_the_url_again(last: str, sql: str) -> bool:
    """The driver's further PUTs, one a file: the first one's text with the file's bare name for its path."""
    first, second = _PUT.match(last), _PUT.match(sql)
    return bool(first and second and "/" not in second["path"] and first["rest"].strip() == second["rest"].strip())
