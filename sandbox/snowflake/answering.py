"""Questions and answers of Snowflake's protocol: what the layer reads and writes in them."""

import json
from typing import Any
from urllib.parse import parse_qs

from sandbox.snowflake.asgi import Answered, Receive, Scope, drop
from sandbox.snowflake.faults import Fault
from sandbox.snowflake.mends.identifiers import PREFIX, shown


def refusal(fault: Fault) -> dict[str, Any]:
    """An answer with HTTP 200 that says no, as Snowflake's do."""
    data = {"errorCode": fault.code, "sqlState": fault.sqlstate}
    return {"data": data, "code": fault.code, "message": fault.message, "success": False}


def failure(answered: Answered) -> Answered:
    """An error inside, as an answer that the driver does not repeat for ever."""
    message = str(answered.json().get("message") or answered.body[-500:].decode(errors="replace"))
    data = {"errorCode": "000603", "sqlState": "XX000"}
    text = f"SQL execution internal error:\n{message}"
    return Answered.of({"data": data, "code": "000603", "message": text, "success": False})


def dropped(faults: list[Fault], action: str, receive: Receive) -> bool:
    """Cut the connection, if a fault says so."""
    if any(fault.action == action for fault in faults):
        drop(receive)
        return True
    return False


def show_place(answered: Answered) -> None:
    """The session's database and schema, which the driver takes from every answer."""
    start = answered.body.find(b'"final')
    if start > 0 and PREFIX.encode() in answered.body[start : start + 10_000]:
        content = answered.json()
        for name in ("finalDatabaseName", "finalSchemaName"):
            content["data"][name] = shown(content["data"][name] or "")
        answered.body = json.dumps(content).encode()


def code(answered: Answered) -> str:
    """The error code of an answer that says no."""
    content = answered.json() if len(answered.body) < 100_000 else {}
    return str(content.get("code") or "") if content.get("success") is False else ""


def asked(scope: Scope, name: str) -> str:
    """A parameter of the request's address."""
    return parse_qs(str(scope["query_string"], "ascii")).get(name, [""])[0]


def token_of(scope: Scope) -> str:
    """The session's token, from the request's headers."""
    header: bytes = dict(scope["headers"]).get(b"authorization", b"")
    return str(header, "ascii").removeprefix('Snowflake Token="').removesuffix('"')
