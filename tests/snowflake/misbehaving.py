"""A server that speaks as much of Snowflake's protocol as it takes to misbehave in ways that the local one has not."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sync.snowflake.session import Credentials, Destination, Password

LOG_IN, STATEMENT, ABORT, LOG_OUT = "login-request", "query-request", "abort-request", "session?delete"
IN_PROGRESS = "333333"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str


@dataclass(frozen=True)
class Response:
    content: Any = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


# What a request gets; None: what Snowflake would say.
Script = Callable[[Request], Response | None]


class Server(ThreadingHTTPServer):
    """Listens at every address of this host, and is known by `name`."""

    def __init__(self, script: Script, name: str) -> None:
        super().__init__(("0.0.0.0", 0), _Handler)
        self.script, self.name = script, name
        self.asked: list[Request] = []
        self._news = threading.Condition()

    @property
    def address(self) -> str:
        return f"http://{self.name}:{self.server_port}"

    def destination(self, credentials: Credentials | None = None) -> Destination:
        known = credentials or Password("ann", "hunter2-secret")
        return Destination("acme", "DB", "PUBLIC", "WH", known, endpoint=self.address)

    def note(self, request: Request) -> None:
        with self._news:
            self.asked.append(request)
            self._news.notify_all()

    def of(self, what: str) -> list[Request]:
        """The requests with this in their path."""
        return [request for request in self.asked if what in request.path]

    def wait_for(self, what: str, times: int = 1) -> None:
        """Until such requests have come."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.of(what)) >= times, 30), f"no {what}"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.headers["Content-Encoding"] == "gzip" and "/stage/" not in self.path:
            body = gzip.decompress(body)
        request = Request(self.command, self.path, body.decode(errors="replace"))
        self.server.note(request)
        response = self.server.script(request) or usual(request)
        content = response.content if isinstance(response.content, bytes) else json.dumps(response.content).encode()
        self.send_response(response.status)
        for header in (*response.headers, ("Content-Length", str(len(content)))):
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def do_HEAD(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def misbehaving(script: Script = lambda _: None, name: str = "127.0.0.1") -> Iterator[Server]:
    with Server(script, name) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def usual(request: Request) -> Response:
    if LOG_IN in request.path:
        parameters = [{"name": "CLIENT_TELEMETRY_ENABLED", "value": False}, {"name": "AUTOCOMMIT", "value": True}]
        tokens: dict[str, Any] = {"token": "token", "masterToken": "master", "validityInSeconds": 3600, "sessionId": 1}
        place = {"databaseName": "DB", "schemaName": "PUBLIC", "warehouseName": "WH", "roleName": "R"}
        lasts: dict[str, Any] = {"masterValidityInSeconds": 14400}
        return answer(**tokens, **lasts, parameters=parameters, sessionInfo=place)
    return one_row() if STATEMENT in request.path else answer()


def answer(code: str | None = None, /, **data: Any) -> Response:
    return Response({"data": data, "code": code, "message": None, "success": True})


def one_row() -> Response:
    """SELECT 1."""
    column = {"name": "A", "type": "fixed", "precision": 1, "scale": 0, "nullable": False, "length": None}
    nothing = {"byteLength": None, "collation": None, "database": "", "schema": "", "table": ""}
    final = {f"final{what}Name": "" for what in ("Database", "Schema", "Warehouse", "Role")}
    kind: dict[str, Any] = {"queryResultFormat": "json", "statementTypeId": 4096, "sqlState": None, "version": 1}
    query: dict[str, Any] = {
        "queryId": "01234567-0000-0000-0000-000000000000",
        "parameters": [],
        "total": 1,
        "returned": 1,
    }
    return answer(rowtype=[column | nothing], rowset=[["1"]], **final, **kind, **query)


def upload(server: Server, *files: str) -> Response:
    """What PUT gets: these files of this host go to `/stage/` of the server, encrypted."""
    stage = {"locationType": "GCS", "location": "stage/", "creds": {}, "region": "r", "storageAccount": ""}
    where = {"presignedUrl": f"{server.address}/stage/x", "isClientSideEncrypted": True, "endPoint": ""}
    key = {"queryStageMasterKey": "c2FuZGJveC1vbmx5LWtleQ==", "queryId": "q", "smkId": "1"}
    how: dict[str, Any] = {"parallel": 1, "autoCompress": False, "sourceCompression": "none", "overwrite": True}
    what: dict[str, Any] = {
        "src_locations": list(files),
        "encryptionMaterial": key,
        "command": "UPLOAD",
        "operation": "Node",
    }
    return answer(stageInfo=stage | where, **what, **how)
