"""What the connector raises → our errors, by code."""

import traceback

import pytest
from snowflake.connector import errors

from sync.errors import DestinationError, PermanentError, TransientError
from sync.snowflake.session.failures import LOGGING_IN, DriverError, classify, errno_of, is_stage_gone

LOGIN = f"{LOGGING_IN} account acme"
QUERY = "01b2c3d4-0000-1111-0000-000000000001"


def raised(errno: int, sqlstate: str = "", text: str = "something") -> errors.Error:
    return errors.ProgrammingError(msg=text, errno=errno, sqlstate=sqlstate or None, sfqid=QUERY)


# Reported by users of other loaders: astronomer/astro-sdk issue 1708, datamill-co/target-snowflake issue 21.
AT = (
    '\n  File \'@TMP/f.gz\', line 3, character 1\n  Row 3, column "T"["the column":2]\n  If you would like to continue '
    "loading when an error is encountered, use other values such as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option."
)


@pytest.mark.parametrize(
    ("errno", "sqlstate", "text", "code"),
    [
        (625, "57014", "the number of waiters for this lock exceeds the 20 statements limit", "lock_wait"),
        (9999, "57014", "Lock wait timed out", "lock_wait"),
        (604, "57014", "SQL execution canceled", "statement_cancelled"),
        (630, "57014", "Statement reached its statement timeout", "statement_timeout"),
        (603, "XX000", "SQL execution internal error", "snowflake_unavailable"),
        (606, "57P03", "No active warehouse selected in the current session.", "warehouse_missing"),
        (3001, "42501", "Insufficient privileges to operate on schema 'X'", "privilege_missing"),
        (12345, "42501", "Insufficient privileges", "privilege_missing"),
        (2003, "42S02", "Table 'A.B.C' does not exist or not authorized.", "table_gone"),
        (2003, "02000", "Database 'A' does not exist or not authorized.", "database_missing"),
        (2003, "02000", "Schema 'A.B' does not exist or not authorized.", "database_missing"),
        (2003, "02000", "Stage 'A.B.C' does not exist or not authorized.", "table_gone"),
        (90105, "22000", "This session does not have a current database.", "database_missing"),
        (100038, "22018", "Numeric value 'abc' is not recognized", "load_rejected"),
        (100035, "22007", "Timestamp 'x' is not recognized", "load_rejected"),
        (100072, "22000", "NULL result in a non-nullable column", "load_rejected"),
        (100069, "22P02", "Error parsing JSON", "load_rejected"),
        (904, "42000", "invalid identifier 'X'", "statement_rejected"),
        (1003, "42000", "syntax error line 1", "statement_rejected"),
        (2002, "42710", "Object 'X' already exists.", "statement_rejected"),
        (98765, "", "something new", "refused_unknown"),
        (390111, "08001", "Session no longer exists.", "session_lost"),
        (390112, "08001", "Session token expired.", "session_lost"),
        (390114, "08001", "Authentication token has expired.", "session_lost"),
        (250002, "08003", "Connection is closed", "session_lost"),
        (250003, "", "Failed to execute request", "snowflake_unavailable"),
        (290503, "08001", "503 Service Unavailable", "snowflake_unavailable"),
        (580500, "", "HTTP 500: Internal Server Error", "snowflake_unavailable"),
        (580429, "", "HTTP 429: Too Many Requests", "snowflake_unavailable"),
        (580403, "", "HTTP 403: Forbidden", "snowflake_unavailable"),
        (290404, "08001", "404 Not Found", "snowflake_unavailable"),
        (4, "", "Failed to process query response: Failed to upload files. HTTP 412", "upload_failed"),
        (4, "", "error sending request for url", "snowflake_unavailable"),
        (253003, "", "While putting file(s) there was an error", "upload_failed"),
        (91016, "22000", "Remote file was not found", "load_not_verified"),
        (255000, "", "of the connector, and new", "unexpected"),
    ],
)
def test_statements(errno: int, sqlstate: str, text: str, code: str) -> None:
    assert classify(raised(errno, sqlstate, text), "load").code == code


@pytest.mark.parametrize(
    ("errno", "text", "code"),
    [
        (390100, "Incorrect username or password was specified.", "login_refused"),
        (390144, "JWT token is invalid.", "login_refused"),
        (394304, "JWT public key fingerprint mismatch", "login_refused"),
        (390127, "MFA", "method_refused"),
        (390189, "Role 'X' specified in the connect string does not exist", "role_missing"),
        (390777, "something new about who may log in", "login_refused"),
        (390318, "OAuth access token expired.", "token_expired"),
        (390303, "Invalid OAuth access token.", "token_expired"),
        (390422, "Incoming request with IP/Token 1.2.3.4 is not allowed", "network_policy"),
        (390201, "The requested database does not exist or not authorized", "database_missing"),
        (390201, "The requested warehouse does not exist or not authorized", "warehouse_missing"),
        (250001, "Could not connect to Snowflake backend after 2 attempt(s).", "snowflake_unreachable"),
        (250001, "Failed to connect: 390100 Incorrect username", "login_refused"),
        (250001, "Failed to connect: 390422", "network_policy"),
        (540001, "Failed to connect to DB. Verify the account name is correct: x:443.", "account_unknown"),
        (250001, "Snowflake responded with error status: 403 Forbidden, message", "account_unknown"),
        (290404, "404 Not Found: post x:443/session/v1/login-request", "account_unknown"),
        (251008, "Failed to load private key", "configuration_invalid"),
        (251012, "Login request is retryable", "snowflake_unreachable"),
        (290503, "503 Service Unavailable", "snowflake_unreachable"),
        (254007, "certificate revoked", "snowflake_unreachable"),
        (-1, "whatever", "snowflake_unreachable"),
        (4, "what connector 5 says of a lost connection", "snowflake_unreachable"),
    ],
)
def test_log_ins(errno: int, text: str, code: str) -> None:
    assert classify(raised(errno, "", text), LOGIN).code == code


@pytest.mark.parametrize("kind", [errors.ProgrammingError, errors.DatabaseError, errors.OperationalError])
def test_the_class_does_not_count(kind: type[errors.Error]) -> None:
    assert isinstance(classify(kind(msg="m", errno=625), "load"), TransientError)
    assert isinstance(classify(kind(msg="m", errno=100038), "load"), PermanentError)
    assert isinstance(classify(kind(msg="m", errno=3001), "load"), DestinationError)


def test_the_message_says_what_to_what_and_why_in_one_line() -> None:
    error = classify(raised(904, "42000", "invalid\n  identifier 'A'"), 'load "DB"."S"."T\nx"')

    assert error.happened == 'Could not load "DB"."S"."T x": 000904 (42000): invalid identifier \'A\''
    assert error.query_id == QUERY
    assert errno_of(error) == 904


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"Numeric value 'abc' is not recognized{AT}", 'a value was refused, row 3, column "the column"'),
        (f"String '{'x' * 5000}' is too long{AT}", 'a value was refused, row 3, column "the column"'),
        ('Numeric value \'Row 1, column "T"["abc":1]\' is not recognized', "a value was refused"),
        ("Error parsing JSON: {abc", "a value was refused"),
    ],
)
def test_a_value_is_told_by_its_row_and_column(text: str, said: str) -> None:
    assert classify(raised(100038, "22018", text), "load").happened == f"Could not load: 100038 (22018): {said}"


def test_a_long_message_is_cut() -> None:
    assert len(str(classify(raised(1003, "42000", "x" * 5000), "load"))) < 1000


def test_what_no_connector_made() -> None:
    error = classify(ConnectionResetError("peer gone"), "load")

    assert (error.code, errno_of(error)) == ("unexpected", 0)
    assert "ConnectionResetError: peer gone" in str(error)


def test_secrets_are_taken_out() -> None:
    error = classify(raised(390100, "", "no such user: hunter2-secret\nhunter2"), LOGIN, ["hunter2", "hunter2-secret"])

    assert "hunter2" not in "".join(traceback.format_exception(error))
    assert "no such user: *** ***" in str(error)
    assert error.__context__ is None


def test_very_short_secrets_do_not_tear_the_message_apart() -> None:
    assert "attempt" in str(classify(raised(250001, "", "attempt"), LOGIN, ["t", ""]))


def test_stage_gone() -> None:
    gone = raised(2003, "02000", "SQL compilation error:\nStage 'A.B.C' does not exist or not authorized.")

    assert is_stage_gone(classify(gone, "upload"))
    assert not is_stage_gone(classify(raised(2003, "42S02", "Table 'X' does not exist"), "upload"))
    assert not is_stage_gone(classify(raised(1003, "42000", "stage"), "upload"))


def test_the_cause_is_ours() -> None:
    assert isinstance(classify(raised(1003), "load").__cause__, DriverError)
