"""The endpoints under /_sandbox/: what was asked, and what shall go wrong."""

import json
from typing import Any
from urllib.parse import parse_qs

from sandbox.snowflake.asgi import Answered, Scope
from sandbox.snowflake.faults import Fault, Faults
from sandbox.snowflake.log import Log


class Control:
    """GET statements, logins, ready · POST faults, reset · DELETE faults."""

    def __init__(self, log: Log, faults: Faults) -> None:
        self._log = log
        self._faults = faults

    async def answer(self, scope: Scope, body: bytes) -> Answered:
        asked = parse_qs(scope["query_string"].decode())
        match (scope["method"], scope["path"].removeprefix("/_sandbox/")):
            case ("GET", "ready"):
                return Answered.of({"ready": True})
            case ("GET", "statements"):
                found = self._log.statements(_first(asked, "contains"), _first(asked, "database"))
                return Answered.of(found)
            case ("GET", "logins"):
                return Answered.of(self._log.logins())
            case ("POST", "faults"):
                return self._arm(body)
            case ("DELETE", "faults"):
                self._faults.clear()
            case ("POST", "reset"):
                self._log.reset()
            case _:
                return Answered.of({"error": "there is no such endpoint"}, 404)
        return Answered.of({})

    def _arm(self, body: bytes) -> Answered:
        try:
            self._faults.arm(Fault(**json.loads(body)))
        except (TypeError, ValueError) as error:
            return Answered.of({"error": str(error)}, 400)
        return Answered.of({})


def _first(asked: dict[str, list[str]], name: str) -> Any:
    return asked.get(name, [""])[0]
