"""When Snowflake, the way there or the credentials do not work: the right error, in bounded time, without secrets."""

import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.snowflake.client import LocalSnowflake
from sync.errors import DestinationError, PermanentError, SyncError, TransientError
from sync.snowflake.load.own_table import load_again, load_first
from sync.snowflake.session import Session
from sync.snowflake.session.credentials import AccessToken, Credentials, KeyPair, OAuthToken, Password
from sync.snowflake.session.driver import MAJOR
from sync.snowflake.session.pool import Pool
from tests.conftest import Snowflake
from tests.snowflake.loading import HASTY, SECRET, Loading

KEY = rsa.generate_private_key(65537, 2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
METHODS: dict[str, Credentials] = {
    "password": Password("ann", SECRET),
    "access token": AccessToken(SECRET),
    "oauth": OAuthToken(SECRET, "ann"),
    "key pair": KeyPair.read("ann", KEY),
}
ROWS = [(1, "a")]
# For log-ins that nobody answers, or all refuse: whole seconds, as small as the connector takes them.
HASTY_LOGIN = replace(HASTY, login=1, socket=1)


@pytest.fixture
def loading(snowflake: Snowflake, tmp_path: Path) -> Iterator[Loading]:
    with Loading(snowflake, tmp_path) as found:
        snowflake.server.reset_log()
        yield found


def failing(work: Callable[[], object]) -> tuple[SyncError, float]:
    """The error, and the seconds that it took."""
    started = time.monotonic()
    with pytest.raises(SyncError) as caught:
        work()
    return caught.value, time.monotonic() - started


def load(loading: Loading, pool: Pool | None = None) -> None:
    with (pool or loading.pool).session(loading.destination) as session:
        load_first(session, loading.load(ROWS))


@pytest.mark.parametrize("method", METHODS)
def test_every_way_to_log_in(loading: Loading, method: str) -> None:
    loading.destination = replace(loading.destination, credentials=METHODS[method])
    load(loading)

    login, *others = loading.snowflake.server.logins()
    assert others == []
    assert login.authenticator == METHODS[method].arguments()["authenticator"]


@pytest.mark.parametrize("status", [500, 503, 429, 403])
def test_http_errors_for_ever_end_in_bounded_time(loading: Loading, status: int) -> None:
    loading.warm()
    loading.snowflake.server.inject("COPY INTO", "status", status=status, times=None)

    error, seconds = failing(lambda: load(loading, loading.hasty))

    assert isinstance(error, TransientError)
    assert error.code == "snowflake_unavailable"
    assert MAJOR >= 5 or f"HTTP {status}" in str(error)  # 5 says that the time was over
    assert seconds < HASTY.longest_statement


def test_no_answer_ends_in_bounded_time(loading: Loading) -> None:
    loading.warm()
    loading.snowflake.server.inject("COPY INTO", "delay", seconds=60, times=None, sticky=True)

    error, seconds = failing(lambda: load(loading, loading.hasty))

    assert error.code == "snowflake_unavailable"
    assert seconds < HASTY.longest_statement


@pytest.mark.parametrize("status", [500, 503, 429])
def test_http_errors_at_log_in_end_in_bounded_time(loading: Loading, status: int) -> None:
    loading.snowflake.server.inject("login", "status", status=status, times=None)

    error, seconds = failing(lambda: load(loading, Pool(HASTY_LOGIN)))

    assert error.code == "snowflake_unreachable"
    assert seconds < HASTY_LOGIN.longest_login


@pytest.mark.parametrize("status", [403, 404])
def test_an_unknown_account_is_the_destinations_fault(loading: Loading, status: int) -> None:
    loading.snowflake.server.inject("login", "status", status=status, times=None)

    error, _ = failing(lambda: load(loading))

    assert isinstance(error, DestinationError)
    assert error.code == "account_unknown"
    assert "account identifier" in str(error)


@pytest.mark.parametrize("method", ["password", "access token"])
@pytest.mark.parametrize("listening", [True, False], ids=["never answers", "refuses"])
def test_an_unreachable_host_ends_in_bounded_time(loading: Loading, method: str, listening: bool) -> None:
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        if listening:
            hole.listen(16)
        destination = replace(
            loading.destination,
            endpoint=f"http://127.0.0.1:{hole.getsockname()[1]}",
            credentials=METHODS[method],
        )
        error, seconds = failing(lambda: Session(destination, HASTY_LOGIN))

    assert error.code == "snowflake_unreachable"
    assert "account acme-main" in str(error)
    assert seconds < HASTY_LOGIN.longest_login


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("390100", "login_refused"),
        ("390144", "login_refused"),
        ("390422", "network_policy"),
        ("390318", "token_expired"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_a_refused_log_in_is_tried_once(loading: Loading, method: str, code: str, ours: str) -> None:
    loading.snowflake.server.refuse_login(code, "You may not come in.")
    loading.destination = replace(loading.destination, credentials=METHODS[method])

    error, _ = failing(lambda: load(loading))

    assert isinstance(error, DestinationError)
    assert error.code == ours
    assert f"{code}" in str(error)
    assert "You may not come in." in str(error)
    assert len(loading.snowflake.server.logins()) == 1


def test_a_server_that_is_gone_leaves_no_noise(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector tries to cancel a late statement in a thread of its own, where errors have nowhere to go."""
    noise: list[object] = []
    monkeypatch.setattr(threading, "excepthook", noise.append)
    with LocalSnowflake() as server:
        session = Session(replace(loading.destination, endpoint=server.endpoint), HASTY)

    error, seconds = failing(lambda: session.execute("SELECT 1", "ask"))
    session.close()
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(30)

    assert error.code == "snowflake_unavailable"
    assert seconds < HASTY.longest_statement
    assert noise == []


@pytest.mark.parametrize(
    ("code", "sqlstate", "message", "kind", "ours"),
    [
        ("000606", "57P03", "No active warehouse selected", DestinationError, "warehouse_missing"),
        ("003001", "42501", "Insufficient privileges", DestinationError, "privilege_missing"),
        ("002003", "02000", "Database 'DB' does not exist or not authorized.", DestinationError, "database_missing"),
        ("000625", "57014", "the number of waiters for this lock", TransientError, "lock_wait"),
        ("000604", "57014", "SQL execution canceled", TransientError, "statement_cancelled"),
        ("001003", "42000", "syntax error", PermanentError, "statement_rejected"),
    ],
)
def test_refused_statements(
    loading: Loading, code: str, sqlstate: str, message: str, kind: type[SyncError], ours: str
) -> None:
    loading.warm()
    loading.snowflake.server.inject("CREATE TABLE", "error", code=code, sqlstate=sqlstate, message=message)

    error, _ = failing(lambda: load(loading))

    assert isinstance(error, kind)
    assert error.code == ours
    assert message in str(error)
    assert len(loading.snowflake.server.logins()) == 0


@pytest.mark.parametrize("code", ["390111", "390114"])
def test_a_session_that_ended_in_the_pool_is_replaced(loading: Loading, code: str) -> None:
    loading.warm()
    loading.snowflake.server.inject(".", "error", code=code, sqlstate="08001", message="gone")

    load(loading)

    assert len(loading.snowflake.server.logins()) == 1
    assert loading.rows() == ROWS


def test_a_session_that_ends_in_the_middle_is_not(loading: Loading) -> None:
    loading.warm()
    loading.snowflake.server.inject("COPY", "error", code="390114", sqlstate="08001", message="gone")

    error, _ = failing(lambda: load(loading))

    assert error.code == "session_lost"
    assert loading.snowflake.server.logins() == []
    load(loading)
    assert len(loading.snowflake.server.logins()) == 1
    assert loading.rows() == ROWS


def _everything(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    shown = [*traceback.format_exception(error), repr(error), str(error)]
    for record in caplog.records:
        shown += [record.getMessage(), record.exc_text or "", str(record.__dict__)]
    return "\n".join(shown)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", ["refused", "echoed", "status", "statement", "none"])
def test_secrets_never_show(loading: Loading, caplog: pytest.LogCaptureFixture, method: str, fault: str) -> None:
    caplog.set_level(logging.DEBUG)
    server = loading.snowflake.server
    loading.destination = replace(loading.destination, credentials=METHODS[method])
    if fault in {"refused", "echoed"}:
        server.refuse_login("390100", f"no {SECRET}" if fault == "echoed" else "no")
    elif fault == "status":
        server.inject("login", "status", status=500, times=None)
    elif fault == "statement":
        server.inject("COPY", "error", code="001003", sqlstate="42000", message=f"near {SECRET}")

    error: BaseException = Exception("none")
    try:
        load(loading, Pool(HASTY_LOGIN) if fault == "status" else None)
    except SyncError as caught:
        error = caught
    else:
        assert fault == "none"

    shown = _everything(error, caplog)
    hidden = [SECRET, "PRIVATE KEY", KEY.decode().splitlines()[1]]
    # The connector logs what a server answers; a server that echoes a secret is beyond us there.
    if fault not in {"echoed", "statement"}:
        assert not [secret for secret in hidden if secret in shown]
    assert method == "key pair" or SECRET not in "".join(traceback.format_exception(error))


def test_readers_see_the_old_rows_or_the_new_ones(loading: Loading) -> None:
    """While a table is replaced again and again, another session never sees anything in between."""
    loading.warm()
    many = [(number, "a") for number in range(500)]
    with loading.pool.session(loading.destination) as session:
        load_first(session, loading.load(many))
    reader, stop, seen = loading.snowflake.connect(), threading.Event(), set()

    def read() -> None:
        cursor = reader.cursor()
        while not stop.is_set():
            seen.add(cursor.execute("SELECT COUNT(*), COUNT(DISTINCT B) FROM T").fetchone())

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(8):
            with loading.pool.session(loading.destination) as session:
                new = loading.load([(n, f"round {number}") for n in range(500)])
                load_again(session, new, lacking=[] if number % 2 else None)
    finally:
        stop.set()
        thread.join(30)

    assert seen == {(500, 1)}
