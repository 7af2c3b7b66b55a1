"""The layer in front of fakesnow: the record and the faults."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from snowflake.connector.errors import DatabaseError, Error, OperationalError, ProgrammingError

from sandbox.snowflake import client
from sandbox.snowflake.client import LocalSnowflake
from tests.conftest import Snowflake
from tests.processes import killed_at_the_end
from tests.sandbox.loading import as_csv, copy, put


def test_statements_are_counted_as_snowflake_counts_them(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect(session_parameters={"QUERY_TAG": "mine"}).cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR)")

    copy(cursor, "t", put(cursor, tmp_path, as_csv([("x",)])))

    found = snowflake.statements()
    assert [s.sql.split()[0] for s in found] == ["CREATE", "CREATE", "PUT", "COPY"]
    assert {s.tag for s in found} == {"mine"}
    assert all(s.seconds > 0 and s.error_code == "" for s in found)
    assert [s.sql[:4] for s in snowflake.statements("copy into")] == ["COPY"]


def test_a_put_of_many_files_is_one_statement_and_one_of_them_can_fail(snowflake: Snowflake, tmp_path: Path) -> None:
    """The driver asks where to upload, once a file, and uploads the others where one fails."""
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE STAGE S")
    for n in range(3):
        (tmp_path / f"{n}.csv").write_text(f"{n}\n")
    snowflake.server.inject("upload", "status", status=412, after=1, sticky=True)

    with pytest.raises(OperationalError):
        cursor.execute(f"PUT 'file://{tmp_path}/*.csv' @S/first AUTO_COMPRESS = FALSE OVERWRITE = TRUE")
    cursor.execute(f"PUT 'file://{tmp_path}/*.csv' @S/second AUTO_COMPRESS = FALSE OVERWRITE = TRUE")

    assert [(row[1], row[6]) for row in cursor.fetchall()] == [(f"{n}.csv", "UPLOADED") for n in range(3)]
    assert len(snowflake.statements("PUT")) == 2
    staged = [str(row[0]) for row in snowflake.rows("LIST @S")]
    assert [len([name for name in staged if place in name]) for place in ("first", "second")] == [2, 3]


def test_a_failed_statement_is_recorded_with_its_code(snowflake: Snowflake) -> None:
    with pytest.raises(ProgrammingError):
        snowflake.connect().cursor().execute("SELECT * FROM missing")

    assert [s.error_code for s in snowflake.statements()] == ["002003"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_the_driver_retries_an_http_status(snowflake: Snowflake, status: int) -> None:
    cursor = snowflake.connect().cursor()
    snowflake.server.inject("SELECT 1", "status", status=status)

    assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    assert len(snowflake.statements("SELECT 1")) == 1


def test_a_dropped_connection_before_the_statement(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    snowflake.server.inject("INSERT", "drop_before", times=2)

    cursor.execute("INSERT INTO t VALUES (1)")

    assert snowflake.rows("SELECT a FROM t") == [(1,)]


def test_a_dropped_answer_does_not_run_the_statement_twice(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    snowflake.server.inject("INSERT", "drop_after", times=2)

    cursor.execute("INSERT INTO t VALUES (1)")

    assert snowflake.rows("SELECT a FROM t") == [(1,)]
    assert len(snowflake.statements("INSERT")) == 1


def test_an_outcome_that_stays_unknown(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(network_timeout=2).cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    snowflake.server.inject("INSERT", "drop_after", sticky=True)

    with pytest.raises(Error):
        cursor.execute("INSERT INTO t VALUES (1)")

    assert snowflake.rows("SELECT a FROM t") == [(1,)]
    snowflake.rows("INSERT INTO t VALUES (2)")


def test_a_statement_can_be_refused(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    fault = {"code": "000606", "sqlstate": "57P03", "message": "No active warehouse selected."}
    snowflake.server.inject("SELECT 7", "error", after=1, **fault)

    assert cursor.execute("SELECT 7").fetchall() == [(7,)]
    with pytest.raises(ProgrammingError, match="No active warehouse") as raised:
        cursor.execute("SELECT 7")
    assert (raised.value.errno, raised.value.sqlstate) == (606, "57P03")
    assert [s.error_code for s in snowflake.statements("SELECT 7")] == ["", "000606"]
    assert cursor.execute("SELECT 7").fetchall() == [(7,)]


def test_a_login_can_be_refused(snowflake: Snowflake) -> None:
    snowflake.server.refuse_login("390100", "Incorrect username or password was specified.", 1)

    with pytest.raises(DatabaseError, match="Incorrect username or password") as raised:
        snowflake.connect(user="eve")
    assert "390100" in str(raised.value) or raised.value.errno in (250001, 390100)
    refused = snowflake.server.logins()[-1]
    assert (refused.user, refused.error_code, refused.session) == ("eve", "390100", None)
    snowflake.connect().cursor().execute("SELECT 1")


def test_a_statement_can_be_delayed(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    snowflake.server.inject("SELECT 1", "delay", seconds=0.4)
    started = time.monotonic()

    cursor.execute("SELECT 1")

    assert time.monotonic() - started > 0.4


def test_faults_are_cleared(snowflake: Snowflake) -> None:
    snowflake.server.inject(".", "error", code="000604", times=None)
    snowflake.server.clear_faults()

    assert snowflake.rows("SELECT 1") == [(1,)]


def test_the_log_is_reset_and_keeps_counting(snowflake: Snowflake) -> None:
    snowflake.connect().cursor().execute("SELECT 1")
    (before,) = snowflake.statements()
    snowflake.server.reset_log()
    assert snowflake.statements() == []

    snowflake.connect().cursor().execute("SELECT 2")

    assert snowflake.statements()[0].n > before.n


def test_threads_may_share_a_connection(snowflake: Snowflake) -> None:
    connection = snowflake.connect()
    connection.cursor().execute("CREATE TABLE t (a INT)")
    threads = [
        threading.Thread(target=lambda i=i: connection.cursor().execute(f"INSERT INTO t VALUES ({i})"))
        for i in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert snowflake.rows("SELECT count(DISTINCT a) FROM t") == [(20,)]


def test_an_unknown_fault_is_refused(snowflake: Snowflake) -> None:
    url = f"{snowflake.endpoint}/_sandbox/faults"

    assert requests.post(url, json={"nonsense": 1}, timeout=30).status_code == 400
    assert requests.get(f"{snowflake.endpoint}/_sandbox/x", timeout=30).status_code == 404


def test_the_server_ends_with_its_owner() -> None:
    script = (
        "import time; from sandbox.snowflake.client import LocalSnowflake\n"
        "server = LocalSnowflake().start(); print(server.endpoint, flush=True); time.sleep(300)"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with killed_at_the_end(owner):
        endpoint = owner.stdout.readline().strip()
        assert requests.get(f"{endpoint}/_sandbox/ready", timeout=30).ok

    _until_gone(endpoint)


def _until_gone(endpoint: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            requests.get(f"{endpoint}/_sandbox/ready", timeout=30)
        except requests.ConnectionError:
            return
        time.sleep(0.1)
    raise AssertionError("the server is still there")


def test_the_log_goes_to_a_file_only_when_asked(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with LocalSnowflake(log=log) as server, server.connect("DB") as connection:
        connection.cursor().execute("SELECT 1")

    assert "query-request" in log.read_text()


def test_an_expired_session_is_renewed_by_the_driver(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    snowflake.server.inject("SELECT 1", "error", code="390112", message="Session expired.")

    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_an_expired_master_token_ends_the_session(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    snowflake.server.inject("SELECT 1", "error", code="390112", message="Session expired.")
    snowflake.server.inject("renewal", "error", code="390114", message="Log in again.", times=None)

    with pytest.raises(Error) as raised:
        cursor.execute("SELECT 1")

    assert raised.value.errno == 390114


def test_what_fails_inside_is_an_error_not_an_http_500(snowflake: Snowflake) -> None:
    with pytest.raises(ProgrammingError) as raised:
        snowflake.rows("SELECT INTERVAL '1 day'")

    assert raised.value.errno == 603


@pytest.mark.parametrize(
    "settings",
    [
        {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": "secret"},
        {"authenticator": "OAUTH", "token": "secret"},
        {"authenticator": "SNOWFLAKE_JWT"},
    ],
)
def test_every_way_to_log_in(snowflake: Snowflake, settings: dict[str, str]) -> None:
    key: dict[str, bytes] = {}
    if settings["authenticator"] == "SNOWFLAKE_JWT":
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        plain = serialization.NoEncryption()
        pkcs8 = serialization.PrivateFormat.PKCS8
        key["private_key"] = private.private_bytes(serialization.Encoding.DER, pkcs8, plain)

    snowflake.connect(user="ann", password=None, **settings, **key)

    login = snowflake.server.logins()[-1]
    assert (login.user.lower(), login.authenticator) == ("ann", settings["authenticator"])
    assert "secret" not in str(login)


def test_an_environment_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_PYTHON", Path("/nowhere/python"))

    with pytest.raises(RuntimeError, match="/nowhere/python is not there: `make "):
        LocalSnowflake().start()
