"""Codes and texts of Snowflake that users meet, each with where it was seen: code → SQLSTATE → ours.

doc: docs.snowflake.com · connector: its source, 4.8.1 · report: users, or other loaders' source. What stands in no list
of ours is judged by its SQLSTATE, and never blamed on an item for good where that says nothing of the item.
"""

import pytest
from snowflake.connector import errors

from sync.errors import CATALOGUE, Kind
from sync.snowflake.session.failures import LOGGING_IN, classify

# errno, SQLSTATE, text, ours, source
STATEMENTS = [
    (2, "0A000", "Unsupported feature 'UNSET'.", "statement_rejected", "report: terraform-provider-snowflake"),
    (6, "0A000", "Multiple SQL statements in a single API call", "statement_rejected", "report: connector users"),
    (603, "XX000", "SQL execution internal error: Processing aborted", "snowflake_unavailable", "report: pg_lake"),
    (604, "57014", "SQL execution canceled", "statement_cancelled", "report: retrying loaders"),
    (604, "57014", "SQL execution was cancelled by the client due to a timeout", "statement_timeout", "connector"),
    (606, "57P03", "No active warehouse selected in the current session.", "warehouse_missing", "report: dbt"),
    (606, "57P03", "Warehouse 'W' is suspended; auto-resume pending.", "warehouse_suspended", "report: Airflow users"),
    (606, "57P03", "Warehouse 'W' cannot be resumed.", "warehouse_suspended", "report: PostHog #41821"),
    (
        606,
        "57P03",
        "Warehouse 'W' cannot be resumed because resource monitor 'R' has exceeded its quota.",
        "warehouse_quota",
        "report: data teams",
    ),
    (612, "02000", "Result for query X has expired", "load_not_verified", "doc: GET query results"),
    (625, "57014", "Statement X has locked table 'T' in transaction 1", "lock_wait", "report: dlt"),
    (625, "57014", "number of waiters for this lock exceeds the 20 statements limit", "lock_wait", "report"),
    (
        630,
        "57014",
        "Statement reached its statement or warehouse timeout of 82 second(s) and was canceled.",
        "statement_timeout",
        "report: dbt",
    ),
    (
        666,
        "57014",
        "Your account is suspended due to lack of payment method.",
        "account_suspended",
        "report: xlang-ai/Spider2 #207, trinodb/trino #24754",
    ),
    (666, "", "SQL compilation error: Your account is suspended", "account_suspended", "report: Spider2 #212"),
    (
        670,
        "57014",
        "Warehouse cannot be resumed because resource monitor quota has been exceeded.",
        "warehouse_quota",
        "report: a course on costs",
    ),
    (709, "02000", "Statement X not found", "load_not_verified", "report: snowpark-python"),
    (904, "42000", "invalid identifier 'X'", "statement_rejected", "doc"),
    (1003, "42000", "syntax error line 1 at position 7", "statement_rejected", "doc"),
    (1471, "42601", "Could not parse", "statement_rejected", "report"),
    (1998, "42710", "Object 'X' already exists as VIEW", "statement_rejected", "report: dbt"),
    (1008, "22023", "invalid value [90] for parameter 'DATA_RETENTION_TIME_IN_DAYS'", "time_travel_refused", "report"),
    (1, "22023", "Exceeds maximum allowable retention time (1 day(s)).", "time_travel_refused", "report, code unknown"),
    (2003, "02000", "Warehouse 'W' does not exist or not authorized.", "warehouse_missing", "report"),
    (2028, "42601", "ambiguous column name 'A'", "statement_rejected", "report"),
    (2043, "02000", "Object does not exist, or operation cannot be performed.", "table_gone", "report: dbt"),
    (2140, "42601", "Unknown function X", "statement_rejected", "report"),
    (2300, "0A000", "Unsupported", "statement_rejected", "report"),
    (3001, "42501", "Insufficient privileges to operate on schema 'S'", "privilege_missing", "report: dbt #214"),
    (3001, "42501", "Insufficient privileges to operate on stage 'S'", "privilege_missing", "report"),
    (3001, "42501", "Insufficient privileges to operate on table 'T'", "table_refused", "report: RudderStack"),
    (3001, "42501", "Insufficient privileges to operate on warehouse 'W'", "warehouse_missing", "report"),
    (3013, "42501", "Requested role 'R' is not assigned to the executing user", "privilege_missing", "report"),
    (
        3041,
        "42710",
        "Table 'T' already exists, but current role has no privileges on it.",
        "table_not_ours",
        "report: airbyte #21764",
    ),
    (
        3041,
        "42710",
        "Schema 'S' already exists, but current role has no privileges on it.",
        "privilege_missing",
        "report: RudderStack",
    ),
    (
        3041,
        "42710",
        "Stage 'S' already exists, but current role has no privileges on it.",
        "privilege_missing",
        "report: airbyte #21764",
    ),
    (3131, "55000", "Dangling references in the snapshot.", "snowflake_unavailable", "doc: account replication"),
    (
        90073,
        "22000",
        "Warehouse 'W' cannot be resumed because resource monitor 'R' has exceeded its quota.",
        "warehouse_quota",
        "report: RudderStack",
    ),
    (
        90084,
        "22000",
        "soft limit on objects of type 'Column' per table was exceeded.",
        "unsupported_columns",
        "report: RudderStack",
    ),
    (90106, "22000", "This session does not have a current schema.", "database_missing", "report: dbt"),
    (
        91003,
        "22000",
        "Failure using stage area. Cause: [Access Denied (Status Code: 403)]",
        "stage_unreadable",
        "doc: data-load-s3-config",
    ),
    (91003, "22000", "Failure using stage area. Cause: [resource monitor]", "stage_unreadable", "no words"),
    (100016, "22000", "Field delimiter ',' found while expecting record delimiter", "load_rejected", "doc: COPY"),
    (100038, "22018", "Numeric value 'resource monitor' is not recognized", "load_rejected", "words do not count here"),
    (100067, "54000", "The data length in result column 1 is not supported", "load_rejected", "report"),
    (100080, "22000", "Number of columns in file (3) does not match", "load_rejected", "doc: COPY"),
    (100090, "42P18", "Duplicate row detected during DML action", "load_rejected", "doc: MERGE"),
    (252006, "", "Cursor is closed in execute.", "session_lost", "connector"),
    (253009, "", "Failed to check existing files", "upload_failed", "connector"),
    (253006, "", "File doesn't exist", "unexpected", "connector: our own file, and nobody's fault"),
    (390999, "08004", "something about the session", "snowflake_unavailable", "the session was let in before"),
    (391458, "0A000", "Hybrid table 'T' cannot be truncated", "statement_rejected", "report: hybrid tables"),
    (509009, "0A000", "External access is not supported for trial accounts.", "statement_rejected", "report"),
]
LOG_INS = [
    (666, "57014", "Your account is suspended due to lack of payment method.", "account_suspended", "report"),
    (290401, "08001", "401 Unauthorized", "snowflake_unreachable", "report"),
    (390100, "08001", "Incorrect username or password was specified.", "login_refused", "report"),
    (390101, "08004", "User access disabled. Contact your administrator.", "user_disabled", "report: Entra"),
    (390102, "08004", "User temporarily locked. Try again later", "user_locked", "report: ODBC users"),
    (390128, "08001", "MFA authentication failed", "method_refused", "doc: errors of MFA"),
    (390135, "08001", "Authentication method is not enabled", "method_refused", "connector"),
    (390144, "08001", "JWT token is invalid. [a-uuid]", "login_refused", "doc: key-pair-auth-troubleshooting"),
    (390186, "08001", "Role 'R' specified in the connect string is not granted", "role_missing", "report: dbt"),
    (390189, "08004", "Role 'R' specified in the connect string does not exist", "role_missing", "report"),
    (390191, "08001", "SAML response is invalid", "method_refused", "doc: errors-saml"),
    (390201, "08004", "The requested warehouse does not exist or not authorized.", "warehouse_missing", "report: ODBC"),
    (390201, "08004", "The requested database does not exist or not authorized.", "database_missing", "report: ADBC"),
    (390317, "08001", "The role requested is not listed in the access token", "role_missing", "doc: OAuth"),
    (
        390422,
        "08004",
        "Incoming request with IP/Token 1.2.3.4 is not allowed to access Snowflake.",
        "network_policy",
        "report: terraform",
    ),
    (390432, "08001", "Network policy is required.", "token_needs_policy", "report: users of tokens"),
    (
        390913,
        "08004",
        "Your free trial has ended and all of your virtual warehouses have been suspended.",
        "account_suspended",
        "report: RudderStack",
    ),
    (394302, "08001", "JWT token has an invalid issue time", "clock_wrong", "doc: key-pair-auth-troubleshooting"),
    (394307, "08001", "JWT token's account does not match", "account_unknown", "doc: key-pair-auth-troubleshooting"),
    (394400, "08004", "Programmatic access token is invalid.", "token_expired", "report: terraform"),
    (
        250001,
        "08001",
        "Failed to connect to DB: x:443. Incorrect username or password was specified.",
        "login_refused",
        "report: dbt",
    ),
    (
        250001,
        "08001",
        "Failed to connect to DB: x:443. Role 'R' specified in the connect string is not granted",
        "role_missing",
        "report: DataHub",
    ),
    (
        250001,
        "08001",
        "Failed to connect to DB: x:443. Your free trial has ended and all of",
        "account_suspended",
        "report",
    ),
    (250001, "08001", "Failed to connect to DB: x:443. Network policy is required", "token_needs_policy", "report"),
]
TRANSIENT_STATES = ["08006", "40001", "53300", "55000", "55006", "57014", "57000", "58030", "XX000", "22000", ""]


def said(errno: int, state: str, text: str, doing: str) -> str:
    return classify(errors.ProgrammingError(msg=text, errno=errno, sqlstate=state or None), doing).code


@pytest.mark.parametrize(("errno", "state", "text", "ours", "source"), STATEMENTS)
def test_what_a_statement_is_answered(errno: int, state: str, text: str, ours: str, source: str) -> None:
    assert said(errno, state, text, "load") == ours, source


@pytest.mark.parametrize(("errno", "state", "text", "ours", "source"), LOG_INS)
def test_what_a_log_in_is_answered(errno: int, state: str, text: str, ours: str, source: str) -> None:
    assert said(errno, state, text, LOGGING_IN) == ours, source


@pytest.mark.parametrize("errno", [0, 667, 98765, 217001, 252099, 300001, 392606, 999999])
@pytest.mark.parametrize("state", TRANSIENT_STATES)
def test_nobody_is_blamed_for_good_for_what_is_not_known(errno: int, state: str) -> None:
    assert CATALOGUE[said(errno, state, "something new", "load")].kind is Kind.TRANSIENT
    # Nobody's item has been sent yet.
    assert CATALOGUE[said(errno, state, "something new", LOGGING_IN)].kind is Kind.DESTINATION


@pytest.mark.parametrize("state", ["0A000", "22003", "22018", "23502", "42000", "42601"])
def test_what_says_that_it_ends_alike_each_time_fails_at_once(state: str) -> None:
    assert CATALOGUE[said(98765, state, "something new", "load")].kind is Kind.PERMANENT
