"""What pretends to be Snowflake and sends the connector elsewhere does not get it to take credentials along."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sync.errors import SyncError
from sync.snowflake.session import Session
from sync.snowflake.session.credentials import AccessToken, Credentials, Password
from sync.snowflake.session.destination import Destination, Limits

SECRET = "hunter2-secret"
QUICK = Limits(login=2, network=2, socket=2, statement=2, lock=1)


class Host(ThreadingHTTPServer):
    """Keeps what it was asked; sends every log-in to `elsewhere` where that is set."""

    def __init__(self, name: str) -> None:
        super().__init__((name, 0), Handler)
        self.asked: list[str] = []
        self.status = 307
        self.elsewhere = ""

    @property
    def address(self) -> str:
        return f"http://{self.server_name}:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Host

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        said = gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body
        self.server.asked.append(f"{self.path} {self.headers} {said.decode()}")
        redirected = self.server.elsewhere and not self.path.startswith("/again")
        self.send_response(self.server.status if redirected else 404)
        if redirected:
            self.send_header("Location", self.server.elsewhere + "/again")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def running(name: str) -> Iterator[Host]:
    with Host(name) as host:
        threading.Thread(target=host.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield host
        finally:
            host.shutdown()


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    with ExitStack() as stack:
        yield stack.enter_context(running("127.0.0.1")), stack.enter_context(running("127.0.0.2"))


def log_in(host: Host, credentials: Credentials) -> SyncError:
    with pytest.raises(SyncError) as caught:
        Session(Destination("acme", "DB", "PUBLIC", "WH", credentials, endpoint=host.address), QUICK)
    return caught.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("credentials", [Password("ann", SECRET), AccessToken(SECRET)], ids=["password", "token"])
def test_no_secret_goes_to_another_host(hosts: tuple[Host, Host], status: int, credentials: Credentials) -> None:
    host, other = hosts
    host.status, host.elsewhere = status, other.address
    error = log_in(host, credentials)
    assert other.asked == []
    assert any(SECRET in asked for asked in host.asked)
    assert SECRET not in str(error)
    assert error.code == "snowflake_unreachable"


@pytest.mark.parametrize(
    "elsewhere", ["https://127.0.0.2:{port}", "//localhost:{port}", "http://127.0.0.1:{port}@evil.test"]
)
def test_another_name_is_another_host(hosts: tuple[Host, Host], elsewhere: str) -> None:
    host, other = hosts
    host.elsewhere = elsewhere.format(port=other.server_port)
    log_in(host, Password("ann", SECRET))
    assert other.asked == []


def test_within_the_host_it_is_followed(hosts: tuple[Host, Host]) -> None:
    host, _ = hosts
    host.elsewhere = host.address
    log_in(host, Password("ann", SECRET))
    assert any(asked.startswith("/again") for asked in host.asked)
