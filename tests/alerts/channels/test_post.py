"""What is asked, and what is not, whatever is typed and wherever names lead."""

import contextlib
import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pytest_django import Settings

from sync.alerts.channels.guard import RefusedError, is_public
from sync.alerts.channels.post import NoAnswerError, post
from tests.alerts.channels.receiver import Receiver, certified, receiving, talking
from tests.alerts.channels.test_guard import LOOPBACK

Resolver = Callable[..., list[Any]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


@pytest.fixture(autouse=True)
def _nothing_is_listed(settings: Settings) -> None:
    settings.ALERT_HOSTS = []


class Names:
    """A resolver that says of each name what it is told to, one list of addresses a look-up."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host not in self.answers:
            return _real(host, port, type=socket.SOCK_STREAM)
        self.asked.append(host)
        answers = self.answers[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in found
        ]


_real = socket.getaddrinfo


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_host_is_not_asked(receiver: Receiver, address: str) -> None:
    """Some of these spellings lead to it by every resolver there is."""
    with pytest.raises((RefusedError, NoAnswerError)) as refused:
        post(f"{address}:{receiver.port}/", b"{}", {}, longest=5)
    assert receiver.received == []
    assert isinstance(refused.value, RefusedError)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",  # metadata: most clouds
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "100.64.0.1",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "0.1.2.3",
        "::",
        "::1",
        "::a00:1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:20::1",
        "2001:db8::1",
        "2002:a00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
    ],
)
def test_what_is_not_public_is_not_asked(names: Names, address: str) -> None:
    """As it is, and by a name."""
    assert not is_public(ipaddress.ip_address(address))
    names.answers["hook.example.com"] = [[address]]
    with pytest.raises(RefusedError, match="public internet"):
        post("https://hook.example.com/", b"{}", {}, longest=5)
    spelled = f"[{address}]" if ":" in address else address
    with pytest.raises(RefusedError, match="public internet"):
        post(f"https://{spelled}/", b"{}", {}, longest=5)


def test_all_that_a_name_leads_to_is_looked_at(names: Names) -> None:
    names.answers["both.example.com"] = [["8.8.8.8", "127.0.0.1"]]
    with pytest.raises(RefusedError, match="public internet"):
        post("https://both.example.com/", b"{}", {}, longest=5)


def test_a_name_that_changes_where_it_leads_changes_nothing(
    names: Names, receiver: Receiver, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was looked at is what is asked: the name is looked up once, and the connection goes there."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with receiving(certified(tmp_path, "changing.example.com")) as secure:
        settings.ALERT_HOSTS = [f"changing.example.com:{secure.port}"]
        names.answers["changing.example.com"] = [["127.0.0.1"], ["169.254.169.254"]]
        reply = post(secure.url("changing.example.com", "https"), b"{}", {})
    assert reply.status == 200
    assert names.asked == ["changing.example.com"]
    assert secure.received[0].headers["host"] == f"changing.example.com:{secure.port}"


def test_the_certificate_is_of_the_name_that_was_typed(
    names: Names, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    names.answers["other.example.com"] = [["127.0.0.1"]]
    with receiving(certified(tmp_path, "one.example.com")) as secure:
        settings.ALERT_HOSTS = [f"other.example.com:{secure.port}"]
        with pytest.raises(NoAnswerError, match="certificate is not accepted"):
            post(secure.url("other.example.com", "https"), b"{}", {})
    assert secure.received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(settings: Settings, tmp_path: Path) -> None:
    with receiving(certified(tmp_path, "127.0.0.1")) as secure:
        settings.ALERT_HOSTS = [f"127.0.0.1:{secure.port}"]
        with pytest.raises(NoAnswerError, match="certificate is not accepted"):
            post(secure.url(scheme="https"), b"{}", {})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, settings: Settings, status: int) -> None:
    settings.ALERT_HOSTS = [f"http://127.0.0.1:{receiver.port}"]
    with receiving() as inside:
        receiver.answers = [(status, {"Location": inside.url()}, b"")]
        assert post(receiver.url(), b"{}", {}).status == status
        assert inside.received == []
    assert len(receiver.received) == 1


def test_no_proxy_is_asked(receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALERT_HOSTS = [f"http://127.0.0.1:{receiver.port}"]
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(receiver.url(), b"{}", {}).status == 200
        assert proxy.received == []


DRIPS = {
    "header": b"HTTP/1.1 200 OK\r\nX: ",
    "body": b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    "status": b"HTTP/1.1 2",
    "handshake": b"\x16\x03\x03\x40\x00\x02",
    "silence": b"",
}


@pytest.mark.parametrize("drip", DRIPS)
def test_it_ends_in_time_however_slowly_the_other_side_talks(settings: Settings, drip: str) -> None:
    """Each byte comes well before any time-out of a read. What has said its status has answered."""

    def talk(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.sendall(DRIPS[drip])
            while not over.wait(0.1):
                connection.sendall(b"" if drip == "silence" else b"a")

    over = Event()
    with talking(talk) as port:
        scheme = "https" if drip == "handshake" else "http"
        settings.ALERT_HOSTS = [f"http://127.0.0.1:{port}", f"127.0.0.1:{port}"]
        began = time.monotonic()
        if drip in ("header", "body"):
            assert post(f"{scheme}://127.0.0.1:{port}/", b"{}", {}, longest=3).status == 200
        else:
            with pytest.raises(NoAnswerError, match="within 3 seconds"):
                post(f"{scheme}://127.0.0.1:{port}/", b"{}", {}, longest=3)
        assert 2.9 < time.monotonic() - began < 60
        over.set()


def test_who_has_many_addresses_may_take_as_long_to_answer(settings: Settings, names: Names) -> None:
    def talk(connection: socket.socket) -> None:
        with connection:
            connection.recv(1000)
            over.wait(1)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    over = Event()
    with talking(talk) as port:
        names.answers["many.test"] = [[f"127.0.0.{n}" for n in range(1, 21)]]
        settings.ALERT_HOSTS = [f"http://many.test:{port}"]
        assert post(f"http://many.test:{port}/", b"{}", {}, longest=8).status == 204


def test_a_look_up_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = Event()

    def never(*_: Any, **__: Any) -> list[Any]:
        ended.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(NoAnswerError, match="looked up in time"):
        post("https://hook.example.com/", b"{}", {}, longest=0.3)
    ended.set()


def test_of_an_endless_answer_a_piece_is_read(receiver: Receiver, settings: Settings) -> None:
    settings.ALERT_HOSTS = [f"http://127.0.0.1:{receiver.port}"]
    receiver.answers = [(500, {}, b"\x1b[31mno\r\nservice " * 1_000_000)]
    reply = post(receiver.url(), b"{}", {})
    assert reply.status == 500
    assert reply.words.startswith("[31mno service")
    assert len(reply.words) < 200
    assert reply.words.isprintable()


@pytest.mark.parametrize(("said", "seconds"), [("120", 120), ("Fri, 31 Dec 1999 23:59:59 GMT", 0), ("soon", None)])
def test_when_to_come_again_is_read(receiver: Receiver, settings: Settings, said: str, seconds: float | None) -> None:
    settings.ALERT_HOSTS = [f"http://127.0.0.1:{receiver.port}"]
    receiver.answers = [(503, {"Retry-After": said}, b"")]
    assert post(receiver.url(), b"{}", {}).retry_after == seconds


def test_what_is_not_http_is_said(settings: Settings) -> None:
    def talk(connection: Any) -> None:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        connection.close()

    with talking(talk) as port:
        settings.ALERT_HOSTS = [f"http://127.0.0.1:{port}"]
        with pytest.raises(NoAnswerError, match=r"not HTTP|without an answer"):
            post(f"http://127.0.0.1:{port}/", b"{}", {})


def test_that_nothing_listens_is_said(settings: Settings) -> None:
    # Bound, so that nobody else is there.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        settings.ALERT_HOSTS = [f"http://127.0.0.1:{port}"]
        with pytest.raises(NoAnswerError, match="Nothing listens"):
            post(f"http://127.0.0.1:{port}/", b"{}", {})
