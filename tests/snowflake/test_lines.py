"""What the connector's lines, 4 and 5, do with servers that misbehave: the same, as far as we are concerned.

Which line is tried is the environment's: `make matrix` has both.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.errors import SyncError, TransientError
from sync.snowflake.session import Session
from sync.snowflake.session.destination import Limits
from sync.snowflake.session.driver import MAJOR, uploads_write_to
from tests.processes import killed_at_the_end
from tests.snowflake.misbehaving import (
    ABORT,
    IN_PROGRESS,
    LOG_IN,
    LOG_OUT,
    STATEMENT,
    Request,
    Response,
    Server,
    answer,
    misbehaving,
    one_row,
    upload,
)

ROOT = Path(__file__).parents[2]
HASTY = Limits(login=5, network=5, socket=5, statement=5, lock=1)
ROW = ({"a": 1},)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def other() -> Iterator[Server]:
    with misbehaving(name="127.0.0.2") as server:
        yield server


def one(server: Server) -> object:
    session = Session(server.destination(), HASTY)
    try:
        return session.execute("SELECT 1", "ask").rows
    finally:
        session.close()


def test_a_long_statement_is_asked_for_until_it_has_ended() -> None:
    """Snowflake holds the request for a while, and says then where to ask on."""
    polls = iter(range(10))

    def script(request: Request) -> Response | None:
        if STATEMENT not in request.path and "/result" not in request.path:
            return None
        if STATEMENT not in request.path and next(polls) == 2:
            return one_row()
        time.sleep(0.1)
        return answer(IN_PROGRESS, getResultUrl="/queries/q/result", queryId="q")

    with misbehaving(script) as server:
        assert one(server) == ROW
        assert len(server.of(STATEMENT)) == 1
        assert len(server.of("/result")) == 3


def test_a_statement_that_is_never_answered_is_cancelled() -> None:
    ended = threading.Event()

    def script(request: Request) -> Response | None:
        if STATEMENT in request.path:
            ended.wait(30)
        return None

    with misbehaving(script) as server:
        started = time.monotonic()
        with pytest.raises(SyncError) as caught:
            one(server)
        seconds = time.monotonic() - started
        server.wait_for(ABORT)
        ended.set()

    assert caught.value.code == "snowflake_unavailable"
    assert seconds < HASTY.longest_statement + HASTY.network
    assert len({request.path.split("requestId=")[1].split("&")[0] for request in server.of(STATEMENT)}) == 1


@pytest.mark.parametrize("what", [LOG_IN, STATEMENT])
@pytest.mark.parametrize("status", [302, 307])
def test_nothing_is_sent_to_another_host(other: Server, what: str, status: int) -> None:
    def script(request: Request) -> Response | None:
        if what not in request.path:
            return None
        return Response(status=status, headers=(("Location", other.address + request.path),))

    with misbehaving(script) as server, pytest.raises(SyncError) as caught:
        one(server)

    assert caught.value.code == ("snowflake_unreachable" if what == LOG_IN else "snowflake_unavailable")
    assert other.asked == []


def test_a_proxy_of_the_environment(other: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connector 4 goes through it; 5 could not be kept from other hosts there, and does not log in."""
    other.script = lambda _: Response(status=502)
    monkeypatch.setenv("http_proxy", other.address)
    with misbehaving() as server:
        with pytest.raises(SyncError) as caught:
            one(server)
        assert server.asked == []
        if MAJOR < 5:
            assert other.of(LOG_IN)
        else:
            assert caught.value.code == "host_trouble"
            assert "names a proxy for 127.0.0.1" in str(caught.value)
            assert other.asked == []

        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert one(server) == ROW


@pytest.mark.parametrize("broken", [0, 2])
def test_of_several_files_one_that_fails_is_an_error(tmp_path: Path, broken: int) -> None:
    """Which one it was is not said; all of them are uploaded again."""
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for file in files:
        file.write_text("1\n")
    stored = iter(range(100))

    def script(request: Request) -> Response | None:
        if "/stage/" in request.path:
            return Response(status=403 if next(stored) >= broken else 200)
        return upload(server, *map(str, files)) if STATEMENT in request.path else None

    with misbehaving(script) as server:
        session = Session(server.destination(), Limits(statement=20))
        with pytest.raises(SyncError) as caught:
            session.execute(f"PUT 'file://{tmp_path}/*.csv' @s OVERWRITE = TRUE", "upload files")
        session.close()

    assert isinstance(caught.value, TransientError)


def test_a_session_in_doubt_is_logged_out_in_one_try() -> None:
    """Log-out ends in Snowflake what still runs there: it is sent, and nobody waits for it."""

    def script(request: Request) -> Response | None:
        return Response(status=503) if LOG_OUT in request.path else None

    with misbehaving(script) as server:
        started = time.monotonic()
        assert one(server) == ROW
        assert time.monotonic() - started < HASTY.network + 5
        assert len(server.of(LOG_OUT)) == 1


def test_nobody_is_told_of_us_but_at_log_in() -> None:
    def script(request: Request) -> Response | None:
        return Response(status=403) if STATEMENT in request.path and server.of(LOG_OUT) else None

    with misbehaving(script) as server:
        one(server)
        with pytest.raises(SyncError):
            one(server)

    kinds = {kind for request in server.asked for kind in (LOG_IN, STATEMENT, ABORT, LOG_OUT) if kind in request.path}
    assert kinds >= {LOG_IN, STATEMENT, LOG_OUT}
    assert not server.of("telemetry")


def started(server: Server, script: str) -> "subprocess.Popen[str]":
    """A process that has imported the connector, and goes on with the script."""
    before = f"""
import os, signal, sys
from sync.errors import SyncError
from sync.snowflake.session import Destination, Password, Session
from sync.snowflake.session.destination import Limits
LIMITS = Limits(login=60, network=2, socket=60, statement=60, lock=1)
def log_in():
    return Session(Destination("acme", "DB", "PUBLIC", "WH", Password("ann", "x"), endpoint="{server.address}"), LIMITS)
"""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", before + script], cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def output(server: Server, script: str) -> str:
    with killed_at_the_end(started(server, script)) as process:
        said, _ = process.communicate(timeout=60)
    return str(said)


def test_a_forked_child_does_not_hang() -> None:
    script = """
log_in().close()
child = os.fork()
if not child:
    signal.alarm(20)
    try:
        session = log_in()
        print(session.execute("SELECT 1", "ask").rows, flush=True)
    except SyncError as error:
        print(error.code, error, flush=True)
    os._exit(0)
print("ended with", os.waitpid(child, 0)[1])
"""
    with misbehaving() as server:
        said = output(server, script)

    assert "ended with 0" in said
    assert ("forked from one that had connected" in said) if MAJOR >= 5 else ("{'a': 1}" in said)


@pytest.mark.parametrize("where", [LOG_IN, STATEMENT])
def test_ctrl_c_ends_what_waits_for_snowflake(where: str) -> None:
    ended = threading.Event()

    def script(request: Request) -> Response | None:
        if where in request.path:
            ended.wait(60)
        return None

    # Where a finalizer runs just then, Python says so, and loses it: it is pressed once more.
    pressed = """
def press(lost):
    if issubclass(lost.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, 0.1)
# A process that a shell starts in the background ignores SIGINT, and so do its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGALRM, signal.default_int_handler)
sys.unraisablehook = press
log_in().execute("SELECT 1", "ask")
"""
    with misbehaving(script) as server:
        with killed_at_the_end(started(server, pressed)) as process:
            server.wait_for(where)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=100)[1]
        ended.set()

    assert "KeyboardInterrupt" in said
    assert process.returncode == -signal.SIGINT


def test_the_clouds_are_not_asked_what_machine_this_is() -> None:
    script = """
log_in().close()
print(os.environ.get("SNOWFLAKE_DISABLE_PLATFORM_DETECTION"))
"""
    with misbehaving() as server:
        said = output(server, script)

    assert MAJOR < 5 or "true" in said


def test_limits_are_what_the_connector_gets() -> None:
    with misbehaving() as server:
        session = Session(server.destination(), Limits(login=11, network=12, socket=13))
        connection: Any = session.connection
        socket = connection._socket_timeout if MAJOR < 5 else connection.config.connect_timeout
        assert (connection.login_timeout, connection.network_timeout, socket) == (11, 12, 13)
        session.close()


def test_an_upload_writes_where_it_is_told_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, elsewhere, told = tmp_path / "1.csv", tmp_path / "elsewhere", tmp_path / "told"
    source.write_text("1\n")
    elsewhere.mkdir()
    told.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setattr("tempfile.tempdir", None)
    seen: list[tuple[bool, bool]] = []

    def script(request: Request) -> Response | None:
        if "/stage/" in request.path:
            seen.append((any(elsewhere.iterdir()), any(told.iterdir())))
            return Response()
        return upload(server, str(source)) if STATEMENT in request.path else None

    with misbehaving(script) as server:
        session = Session(server.destination(), HASTY)
        with uploads_write_to(told):
            session.execute(f"PUT 'file://{source}' @s OVERWRITE = TRUE", "upload a file")
        session.close()

    assert set(seen) == {(False, MAJOR < 5)}
