"""The documented web server, while others try to take all of it: slow clients, and many who guess passwords."""

import http.client
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.test import Client

from accounts.models import ApiUsage, User
from accounts.signing_in import HASHES, TRIES, TRIES_FROM_PLACE
from tests.processes import PRODUCTION, connected, web_server

THREADS = 8
# Seconds within which everybody else is answered, on a machine that is busy with other tests: a frozen server does not
# answer at all, and what waits for a Snowflake that says nothing waits fifteen.
PATIENCE = 12.0
POST = (
    b"POST /log-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Cookie: csrftoken=%(token)s\r\nContent-Length: %(length)d\r\n\r\ncsrfmiddlewaretoken=%(token)s"
)
TOKEN = b"a" * 32

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    with web_server("--threads", str(THREADS)) as started:
        yield started


def get(port: int, path: str = "/healthz", timeout: float = PATIENCE) -> int:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        client.request("GET", path)
        return client.getresponse().status
    finally:
        client.close()


@contextmanager
def again_and_again(act: Callable[[], object], clients: int = 1) -> Iterator[None]:
    """Each of so many clients does it until the end."""
    done = threading.Event()

    def go_on() -> None:
        while not done.is_set():
            act()

    threads = [threading.Thread(target=go_on) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(60)


def test_who_sends_a_byte_a_second_holds_no_thread(web: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, _ = web
    pause = threading.Event()
    with ExitStack() as open_:
        dripping = [open_.enter_context(connected(port)) for _ in range(4 * THREADS)]
        for each in dripping:
            each.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")

        def drip() -> None:
            for each in dripping:
                each.sendall(b"a")
            pause.wait(1)

        with again_and_again(drip):
            assert [get(port) for _ in range(20)] == [200] * 20
            assert get(port, "/log-in") == 200
        pause.set()
        for each in dripping:
            each.sendall(b"\r\n\r\n")
            assert each.recv(12) == b"HTTP/1.1 200"


def test_who_withholds_a_body_holds_no_thread(web: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, _ = web
    with ExitStack() as open_:
        for _ in range(4 * THREADS):
            waiting = open_.enter_context(connected(port))
            waiting.sendall(POST % {b"token": TOKEN, b"length": 1000})
        assert [get(port) for _ in range(20)] == [200] * 20
        assert get(port, "/log-in") == 200


def test_more_connections_than_waitress_takes_by_itself(web: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, _ = web
    with ExitStack() as open_:
        for _ in range(300):
            open_.enter_context(connected(port)).sendall(b"GET /heal")
        assert get(port) == 200


def guess(port: int, name: str) -> bytes:
    """Signs in under an address that nobody has: the answer's status, and what it says."""
    body = b"&username=%s%%40example.com&password=guess" % name.encode()
    request = POST % {b"token": TOKEN, b"length": len(b"csrfmiddlewaretoken=" + TOKEN + body)} + body
    with connected(port) as client:
        client.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        answer = b""
        while more := client.recv(65_536):
            answer += more
    return answer


def test_many_who_guess_do_not_hold_up_others(web: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, _ = web
    names = iter(range(1_000_000))
    with again_and_again(lambda: guess(port, f"nobody{next(names)}"), clients=2 * THREADS):
        slowest = 0.0
        for _ in range(30):
            started = time.monotonic()
            assert get(port) == 200
            slowest = max(slowest, time.monotonic() - started)
    assert slowest < PATIENCE


def sign_in(address: str, place: str) -> str:
    answer = Client(REMOTE_ADDR=place).post("/log-in", {"username": address, "password": "guess"})
    return answer.content.decode()


def test_addresses_that_nobody_has_are_counted_for_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def check(_user: User, password: str) -> bool:
        hashed.append(password)
        return False

    monkeypatch.setattr(User, "check_password", check)
    said = [sign_in(f"nobody{n}@example.com", "192.0.2.1") for n in range(TRIES_FROM_PLACE + 5)]
    assert len(hashed) == TRIES_FROM_PLACE
    assert all(f"More than {TRIES_FROM_PLACE} tries" in each for each in said[TRIES_FROM_PLACE:])
    assert "tries. Try again" not in sign_in("nobody@example.com", "192.0.2.2")


def test_who_has_a_network_of_addresses_is_one_place() -> None:
    said = [sign_in("nobody@example.com", f"2001:db8::{n:x}") for n in range(TRIES + 1)]
    assert [f"More than {TRIES} tries" in each for each in said] == [False] * TRIES + [True]
    assert f"More than {TRIES} tries" not in sign_in("nobody@example.com", "2001:db8:0:1::1")


def test_where_too_many_try_at_once_nothing_is_hashed_and_no_try_is_lost() -> None:
    with HASHES.place(), HASHES.place():
        assert "Too many people are signing in" in sign_in("nobody@example.com", "192.0.2.1")
    assert list(ApiUsage.objects.filter(key__startswith="sign_in/")) == []
    assert "Too many people" not in sign_in("nobody@example.com", "192.0.2.1")


def test_it_ends_when_the_last_request_has_its_answer(web: tuple[int, "subprocess.Popen[str]"]) -> None:
    """A guess is hashed meanwhile: a third of a second in which the server is told to stop."""
    port, process = web
    body = b"&username=nobody%40example.com&password=guess"
    with connected(port) as client, connected(port) as idle:
        idle.sendall(b"GET /heal")
        client.sendall(POST % {b"token": TOKEN, b"length": len(b"csrfmiddlewaretoken=" + TOKEN + body)} + body[:-1])
        assert get(port) == 200  # by now it has read what was sent before
        client.sendall(body[-1:])
        while not ApiUsage.objects.filter(key__startswith="sign_in/").exists():
            pass  # it is hashing soon
        process.send_signal(signal.SIGTERM)
        client.settimeout(PATIENCE)
        assert client.recv(12) == b"HTTP/1.1 200"
        assert process.wait(PATIENCE) == 0
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def test_a_body_that_is_too_large_is_not_read(web: tuple[int, "subprocess.Popen[str]"]) -> None:
    port, _ = web
    with connected(port) as client:
        client.sendall(POST % {b"token": TOKEN, b"length": 1_000_000_000})
        assert client.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize(("trusted", "status"), [("127.0.0.1", 200), ("192.0.2.9", 301)])
def test_only_the_proxy_says_who_asks_and_how(trusted: str, status: int) -> None:
    with web_server("--trusted-proxy", trusted, more=PRODUCTION) as (port, _):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        said = {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.77"}
        client.request("GET", "/log-in", headers=said)
        assert client.getresponse().status == status  # 301: to https, since it was not believed
        client.close()
