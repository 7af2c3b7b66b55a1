"""The little of ASGI that the layer in front needs."""

import gzip
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Answered:
    """A whole response."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def of(cls, content: Any, status: int = 200) -> "Answered":
        return cls(status, [(b"content-type", b"application/json")], json.dumps(content).encode())

    def json(self) -> dict[str, Any]:
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    async def send(self, send: Send) -> None:
        headers = [(k, v) for k, v in self.headers if k.lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


async def read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(body)


def decoded(scope: Scope, body: bytes) -> dict[str, Any]:
    if dict(scope["headers"]).get(b"content-encoding") == b"gzip":
        body = gzip.decompress(body)
    content = json.loads(body) if body else {}
    return content if isinstance(content, dict) else {}


async def call(app: App, scope: Scope, body: bytes) -> Answered:
    """Run an ASGI app to its end, whether or not the client is still there."""
    answered = Answered()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.status, answered.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            answered.body += message.get("body", b"")

    try:
        await app(scope, receive, send)
    except Exception:
        # Starlette raises once more what it has answered with 500: to a driver that would ask for it for ever.
        if answered.status < 500:
            raise
    return answered


def drop(receive: Receive) -> None:
    """Cut the connection without an answer. ASGI has no word for it, so reach for uvicorn's."""
    receive.__self__.transport.abort()  # type: ignore[attr-defined]
