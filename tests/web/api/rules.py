"""What tests of the API's rules share: some rules, and what is asked of a destination's."""

from typing import Any

from tests.web.api.conftest import Caller, Owned

DROP: dict[str, Any] = {"kind": "column", "name": "no notes", "columns": ["notes"], "action": "drop"}
HASH: dict[str, Any] = {"kind": "column", "name": "e-mails", "columns": ["email"], "action": "hash"}
PAID: dict[str, Any] = {
    "kind": "rows",
    "name": "paid/now",
    "where": {"all": [{"column": "state", "operator": "eq", "value": "paid"}]},
}


class Rules:
    """What somebody asks of a destination's rules: status and answer."""

    def __init__(self, owned: Owned, caller: Caller | None = None) -> None:
        self._base = f"/api/snowflake/configurations/{owned.configuration.pk}/rules"
        self._caller = caller or owned.caller

    def __call__(self, method: str, path: str = "", body: Any = None) -> tuple[int, dict[str, Any]]:
        answer = self._caller.ask(method, self._base + path, body)
        return answer.status_code, answer.json()

    def put(self, version: int, *rules: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return self("PUT", body={"version": version, "rules": list(rules)})
