"""A receiver of messages that does as it is told, and a kind of channel that posts to it."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sync.alerts import Answer, ChannelKind, Field, Message, Outcome


@dataclass
class Sink:
    """What it was sent, in order, whether it took it or not; `status` is what it answers."""

    address: str
    status: int = 200
    retry_after: str = ""
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        """Of what it took."""
        return [body["subject"] for _, body in self.taken]


@contextmanager
def sink() -> Iterator[Sink]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            received = (str(self.headers["webhook-id"]), body)
            made.got.append(received)
            if made.status < 300:
                made.taken.append(received)
            self.send_response(made.status)
            if made.retry_after:
                self.send_header("Retry-After", made.retry_after)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Sink(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def post(settings: Mapping[str, str], secrets: Mapping[str, str], message: Message, delivery_id: str) -> Answer:
    request = urllib.request.Request(
        settings["address"],
        data=json.dumps(message.as_json()).encode(),
        headers={"webhook-id": delivery_id, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return Answer(Outcome.OK, f"It answered {answer.status}.")
    except urllib.error.HTTPError as error:
        with error:
            outcome = {410: Outcome.GONE, 400: Outcome.NEVER}.get(error.code, Outcome.AGAIN)
            after = error.headers["Retry-After"]
            return Answer(outcome, f"It answered {error.code}.", float(after) if after else None)
    except OSError as error:
        return Answer(Outcome.AGAIN, f"Nobody answers: {type(error).__name__}.")


KIND = ChannelKind("Sink", (Field("address", "Address"),), post)
