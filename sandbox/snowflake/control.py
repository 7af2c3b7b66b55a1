"""The endpoints under /_sandbox/: what was asked, what went wrong, and what shall."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from fakesnow.server import sessions as connections

from sandbox.snowflake.asgi import Answered, Scope
from sandbox.snowflake.faults import Fault, Faults
from sandbox.snowflake.log import Log
from sandbox.snowflake.mends import session as sessions


class Control:
    """GET ready, statements, logins, strikes, sessions · POST faults, disturbance, password, reset · DELETE faults."""

    def __init__(self, log: Log, faults: Faults) -> None:
        self._log = log
        self._faults = faults

    async def answer(self, scope: Scope, body: bytes) -> Answered:
        path, query = scope["path"].removeprefix("/_sandbox/"), parse_qs(scope["query_string"].decode())
        try:
            if scope["method"] == "GET":
                return Answered.of(self._told(path, {name: values[0] for name, values in query.items()}))
            self._do(f"{scope['method']} {path}", json.loads(body or b"{}"))
        except LookupError:
            return Answered.of({"error": "there is no such endpoint"}, 404)
        except (TypeError, ValueError) as error:
            return Answered.of({"error": str(error)}, 400)
        return Answered.of({})

    def _told(self, path: str, query: dict[str, str]) -> Any:
        told: dict[str, Callable[[], Any]] = {
            "ready": lambda: {"ready": True},
            "statements": lambda: self._log.statements(query.get("contains", ""), query.get("database", "")),
            "logins": self._log.logins,
            "strikes": self._log.strikes,
            "sessions": lambda: [_open(sessions.of(connection)) for connection in list(connections.values())],
        }
        return told[path]()

    def _do(self, what: str, given: dict[str, Any]) -> None:
        done: dict[str, Callable[..., None]] = {
            "POST faults": lambda **fault: self._faults.arm(Fault(**fault)),
            "POST disturbance": self._disturb,
            "POST password": self._faults.require_password,
            "POST reset": self._log.reset,
            "DELETE faults": self._faults.clear,
        }
        done[what](**given)

    def _disturb(self, share: float, seed: int, faults: list[tuple[float, dict[str, Any]]]) -> None:
        self._faults.disturb(share, seed, [(weight, Fault(**fault)) for weight, fault in faults])


def _open(session: sessions.Session) -> dict[str, Any]:
    return {
        "number": session.number,
        "user": session.user,
        "in_transaction": session.in_transaction,
        "temporary_tables": sorted(session.temporary),
        "requests": session.requests,
        "idle": time.monotonic() - session.last_used,
        "ports": sorted(session.ports),
    }
