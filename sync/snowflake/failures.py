"""What the connector raises → what it means for us, decided by Snowflake's code, never by class.

`ProgrammingError` covers a lock that will be gone in a second and a table that will never exist.
The codes come from Snowflake's documentation, the connector's source and other loaders' source; [?]
marks what only a real account can confirm. Text is looked at only where one code covers two
meanings.
"""

import re
from collections.abc import Iterable

from sync.errors import SyncError, failure

LOGGING_IN = "log in to Snowflake"

TABLE_EXISTS = 2002
NOT_FOUND = frozenset({2003, 2043})  # "does not exist or not authorized"
WRONG_COLUMN = 904

_LONGEST = 600
_SHORTEST_SECRET = 4  # replacing every "a" in a message would tell more than it hides
_HTTP = 290000
_CODES = {
    603: "snowflake_unavailable",  # an internal error of Snowflake
    604: "statement_cancelled",
    606: "warehouse_missing",
    625: "lock_wait",
    630: "statement_cancelled",  # [?]
    2003: "table_gone",
    2043: "table_gone",
    3001: "privilege_missing",
    90073: "warehouse_missing",  # [?] the warehouse cannot be resumed or is over its quota
    90105: "database_missing",  # no current database: the role does not see the configured one
    90106: "database_missing",
    91016: "load_not_verified",  # the staged file is not there
    250001: "snowflake_unreachable",
    250002: "session_lost",
    250003: "snowflake_unavailable",
    250005: "snowflake_unreachable",
    252007: "session_lost",
    252009: "unexpected",
    253003: "upload_failed",
    290403: "account_unknown",
    290404: "account_unknown",
    390100: "login_refused",
    390103: "session_lost",
    390104: "session_lost",
    390110: "session_lost",
    390111: "session_lost",
    390112: "session_lost",
    390113: "session_lost",
    390114: "session_lost",
    390115: "session_lost",
    390189: "role_missing",  # [?]
    390201: "database_missing",  # [?]
    390303: "token_expired",
    390318: "token_expired",
    390422: "network_policy",  # [?]
}
_RANGES = (
    (range(100000, 101000), "load_rejected"),  # a value that does not fit, or cannot be read
    (range(250000, 251000), "snowflake_unreachable"),
    (range(251001, 251010), "configuration_invalid"),  # the connector's own checks of arguments
    (range(251010, 251013), "snowflake_unreachable"),
    (range(251013, 252000), "configuration_invalid"),
    (range(254000, 255000), "snowflake_unreachable"),  # certificates
    (range(290000, 291000), "snowflake_unavailable"),  # HTTP status + 290000
    (range(390120, 390133), "login_refused"),  # MFA
    (range(390134, 391000), "login_refused"),
    (range(394300, 394400), "login_refused"),  # key pairs
    (range(394400, 394500), "token_expired"),  # [?] programmatic access tokens
)
_STATES = {"42501": "privilege_missing", "57P03": "warehouse_missing"}
_CREDENTIAL_CODE = re.compile(r"\b(39[04]\d{3})\b")
_PREFIX = re.compile(r"^\d{6}(?: \([^)]*\))?:(?: [0-9a-f-]{36}:| None:)? *", re.IGNORECASE)
# HTTP 403 and 404, as connector 4 and 5 put it
_NO_SUCH_ACCOUNT = re.compile(r"account name is correct|error status: 40[34]\b")
_NAMESPACE = re.compile(r"\b(?:Database|Schema) '[^\n]*' does not exist", re.IGNORECASE)


class DriverError(Exception):
    """The connector's error without what may be secret; the `__cause__` of the SyncError made of
    it.
    """

    def __init__(self, errno: int, sqlstate: str, text: str) -> None:
        self.errno, self.sqlstate, self.text = errno, sqlstate, text
        state = f" ({sqlstate})" if sqlstate else ""
        super().__init__(f"{errno:06d}{state}: {text}" if errno > 0 else text)


def classify(error: BaseException, doing: str, secrets: Iterable[str] = ()) -> SyncError:
    """The SyncError for what the connector raised while we were `doing` something.

    Its message has Snowflake's code and text in one line, without any of `secrets`; its `__cause__`
    is a DriverError.
    """
    said = _stripped(error, secrets)
    result = failure(
        _meaning(said, logging_in=doing.startswith(LOGGING_IN)),
        " ".join(f"Could not {doing}: {said}".split()),
        query_id=str(getattr(error, "sfqid", None) or ""),
    )
    result.__cause__ = said
    return result


def errno_of(error: SyncError) -> int:
    """Snowflake's code behind an error of ours; 0 where there is none."""
    return error.__cause__.errno if isinstance(error.__cause__, DriverError) else 0


def is_stage_gone(error: SyncError) -> bool:
    """Whether it is the stage that "does not exist or not authorized", and not a table."""
    cause = error.__cause__
    return (
        isinstance(cause, DriverError)
        and cause.errno in NOT_FOUND
        and bool(re.search(r"\bstage\b", cause.text, re.IGNORECASE))
    )


def _stripped(error: BaseException, secrets: Iterable[str]) -> DriverError:
    errno = getattr(error, "errno", None)
    state = getattr(error, "sqlstate", None) or ""
    text = str(getattr(error, "raw_msg", None) or getattr(error, "msg", None) or error)
    if not isinstance(errno, int):
        text = f"{type(error).__name__}: {text}"
    text = " ".join(_PREFIX.sub("", text).split())
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if len(secret) >= _SHORTEST_SECRET else text
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return DriverError(_once(errno), "" if state == "n/a" else str(state), text)


def _once(errno: object) -> int:
    """Connector 4 adds 290000 to an HTTP error's code, and sometimes twice."""
    code = errno if isinstance(errno, int) else 0
    return code - _HTTP if code >= 2 * 250000 else code


def _meaning(said: DriverError, *, logging_in: bool) -> str:
    errno = _effective(said)
    code = _CODES.get(errno) or _in_range(errno) or _STATES.get(said.sqlstate, "")
    if errno in NOT_FOUND and _NAMESPACE.search(said.text):
        code = "database_missing"
    elif errno == 390201 and "warehouse" in said.text.lower():
        code = "warehouse_missing"
    elif errno == 250001 and _NO_SUCH_ACCOUNT.search(said.text):
        return "account_unknown"
    if logging_in:
        return _at_login(code, errno)
    # What says something of the way to Snowflake at log-in may be this statement's own fault later: it
    # must not hold up others for ever.
    return {"account_unknown": "snowflake_unavailable", "snowflake_unreachable": "snowflake_unavailable"}.get(
        code, code or _unknown(errno, said.text)
    )


def _at_login(code: str, errno: int) -> str:
    if code in {"", "session_lost", "statement_rejected"}:
        # 39xxxx are Snowflake's words on who may log in; the rest is the way there.
        return "login_refused" if errno // 10000 == 39 else "snowflake_unreachable"
    # Nobody's statement was sent: an answer of 5xx says that Snowflake, or what is before it, is down.
    return "snowflake_unreachable" if code == "snowflake_unavailable" else code


def _effective(said: DriverError) -> int:
    """250001 is what a log-in's failure is wrapped in; where the text has Snowflake's own code,
    that one counts.
    """
    found = _CREDENTIAL_CODE.search(said.text) if said.errno == 250001 else None
    return int(found[1]) if found else said.errno


def _in_range(errno: int) -> str:
    return next((code for numbers, code in _RANGES if errno in numbers), "")


def _unknown(errno: int, text: str) -> str:
    if re.search(r"\block\b.*\btime", text, re.IGNORECASE):
        return "lock_wait"  # [?] LOCK_TIMEOUT's own code is not documented
    if 0 < errno < 100:
        return "snowflake_unavailable"  # connector 5 numbers its own troubles: I/O, time-outs
    return "statement_rejected" if 0 < errno < 250000 else "unexpected"
