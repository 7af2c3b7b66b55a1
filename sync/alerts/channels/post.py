"""One POST to an address that somebody typed.

The host's name is looked up once, all that it leads to is checked, and the connection goes there: a name that leads
somewhere else a moment later changes nothing. Nothing is followed, no proxy is asked, and however slowly the other
side talks, it ends in time. The standard library's client does what it is told and nothing else.
"""

import contextlib
import email.utils
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import certifi
from django.conf import settings

from sync.alerts.channels.guard import Address, RefusedError, Target, taken_apart, usable
from sync.alerts.channels.kind import printable

# Seconds for all of it, from the look-up to the answer's end.
LONGEST = 15.0
# Bytes of an answer that are read.
MOST = 4096


class NoAnswerError(Exception):
    """Nothing came back that could be understood; its words say why."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    # Seconds, if the other side says when to come again.
    retry_after: float | None
    # A piece of the body, on one line.
    words: str


def post(url: str, body: bytes, headers: Mapping[str, str], longest: float = LONGEST) -> Reply:
    """What was answered. Raises RefusedError, for an address that may not be asked, and NoAnswerError."""
    until = time.monotonic() + longest
    target = taken_apart(url, settings.ALERT_HOSTS)
    addresses = usable(target, _looked_up(target, until), settings.ALERT_HOSTS)
    try:
        with _connected(addresses, target.port, until) as plain, _ending(plain, until), _spoken(plain, target) as sock:
            return _asked(sock, target, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= until:
            raise NoAnswerError(f"It did not answer within {longest:.0f} seconds.") from None
        raise NoAnswerError(_said(error)) from None


def _looked_up(target: Target, until: float) -> list[Address]:
    """All addresses of the host. A look-up cannot be ended: one that takes too long is left to end by itself."""
    answers: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            answers.put([ipaddress.ip_address(str(each[4][0])) for each in found])
        except (OSError, ValueError) as error:
            answers.put(OSError(str(error)))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        raise NoAnswerError(f"The name {target.host} could not be looked up in time.") from None
    if isinstance(answer, OSError) or not answer:
        raise NoAnswerError(f"The name {target.host} leads nowhere.")
    return answer


def _connected(addresses: list[Address], port: int, until: float) -> socket.socket:
    """A connection to the first of the addresses that takes one."""
    refused: OSError = OSError("no address")
    for position, address in enumerate(addresses):
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            # What is left is shared by those that have not been tried.
            found = socket.create_connection((str(address), port), timeout=left / (len(addresses) - position))
        except OSError as error:
            refused = error
        else:
            # Whoever answers may take all of it.
            found.settimeout(max(0.001, until - time.monotonic()))
            return found
    raise refused


@contextlib.contextmanager
def _ending(sock: socket.socket, until: float) -> Iterator[None]:
    """Ends the connection when the time is up, whatever waits for it: a timeout alone begins anew with each byte."""
    descriptor = socket.socket(fileno=socket.dup(sock.fileno()))

    def end() -> None:
        with contextlib.suppress(OSError):
            descriptor.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, until - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        descriptor.close()


@contextlib.contextmanager
def _spoken(plain: socket.socket, target: Target) -> Iterator[socket.socket]:
    """The connection, with TLS if the address asks for it; the certificate has to be of the name that was typed."""
    if not target.secure:
        yield plain
        return
    context = ssl.create_default_context()
    # A small image has no certificates of its own.
    context.load_verify_locations(certifi.where())
    with context.wrap_socket(plain, server_hostname=target.host) as secured:
        yield secured


def _asked(sock: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> Reply:
    # With a socket of its own it does not connect by itself.
    client = http.client.HTTPConnection(target.host)
    client.sock = sock
    client.auto_open = 0
    client.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
    own = {"Host": target.host_header, "Content-Length": str(len(body)), "Connection": "close"}
    for name, value in (own | dict(headers)).items():
        client.putheader(name, value)
    client.endheaders(body)
    with client.getresponse() as answer:
        piece = b""
        # Who has said the status has answered, whatever becomes of the rest.
        with contextlib.suppress(OSError, http.client.HTTPException):
            piece = answer.read(MOST)
        words = printable(piece.decode("utf-8", "replace"))
        return Reply(answer.status, _seconds(answer.getheader("Retry-After")), words)


def _seconds(retry_after: str | None) -> float | None:
    """Of a Retry-After, which has seconds or a date."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal() and len(retry_after) < 10:
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"Its certificate is not accepted: {printable(error.verify_message)}."
    if isinstance(error, ssl.SSLError):
        return "It does not speak TLS as we do."
    if isinstance(error, ConnectionRefusedError):
        return "Nothing listens there."
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return "The connection was ended without an answer."
    if isinstance(error, OSError):
        return "It cannot be reached."
    return "What it answered is not HTTP."


__all__ = ["NoAnswerError", "RefusedError", "Reply", "post"]
