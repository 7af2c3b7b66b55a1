"""What the connector raises → what it means for us, decided by Snowflake's code, never by class.

`ProgrammingError` covers a lock that will be gone in a second and a table that will never exist. The codes come from
Snowflake's documentation, the connector's source and other loaders' source; [?] marks what only a real account can
confirm. Text is looked at only where one code covers two meanings.
"""

import re
from collections.abc import Iterable

from sync.errors import CATALOGUE, Kind, SyncError, failure, is_of_the_host

LOGGING_IN = "log in to Snowflake"

TABLE_EXISTS = 2002
NOT_FOUND = frozenset({2003, 2043})  # "does not exist or not authorized"
WRONG_COLUMN = 904

_LONGEST = 600
_SHORTEST_SECRET = 4  # replacing every "a" in a message would tell more than it hides
_HTTP = 290000
# Snowflake's and the connector's codes, each with its source in tests/snowflake/test_codes.py.
_CODES: dict[str, tuple[int, ...]] = {
    "account_suspended": (666, 390913),
    "account_unknown": (290403, 290404, 394307),
    "clock_wrong": (394302,),
    "configuration_invalid": (7,),  # connector 5: an argument is missing
    "database_missing": (90105, 90106, 390201),  # no current database: the role does not see the configured one
    # The statement of whose answer nothing was heard is not known any more; the staged file is not there.
    "load_not_verified": (612, 709, 91016),
    "lock_wait": (625,),
    "method_refused": (390135, 390139, 390191, 390192),
    "network_policy": (390422,),
    "privilege_missing": (3001,),
    "role_missing": (390186, 390189, 390317),
    "session_lost": (250002, 252006, 252007),
    "snowflake_unavailable": (603, 250003),  # 603 is an internal error of Snowflake
    "stage_unreadable": (91003,),
    "statement_cancelled": (604,),
    "statement_timeout": (630,),
    "table_gone": (2003, 2043),
    "table_not_ours": (3041,),
    "time_travel_refused": (1008,),  # an invalid value for a parameter: we set no other
    "token_expired": (390303, 390318),
    "token_needs_policy": (390432,),
    "unsupported_columns": (90084,),
    "upload_failed": (253002, 253003, 253009),
    "user_disabled": (390101,),
    "user_locked": (390102,),
    "warehouse_missing": (606,),
    "warehouse_quota": (670, 90073),
}
_RANGES = {
    range(100000, 101000): "load_rejected",  # a value that does not fit, or cannot be read; several quote it
    range(250000, 251000): "snowflake_unreachable",
    range(251001, 251010): "configuration_invalid",  # the connector's own checks of arguments
    range(251010, 251013): "snowflake_unreachable",
    range(251013, 252000): "configuration_invalid",
    range(254000, 255000): "snowflake_unreachable",  # certificates
    range(290000, 291000): "snowflake_unavailable",  # HTTP status + 290000
    range(390103, 390116): "session_lost",
    range(390120, 390133): "method_refused",  # MFA
    range(394300, 394400): "login_refused",  # key pairs
    range(394400, 394500): "token_expired",  # programmatic access tokens
}
# Codes that we do not know are judged by SQLSTATE, the longest that fits. 22000 is not among them: Snowflake gives it
# to values, quotas, sessions and storage alike.
_STATES: dict[str, tuple[str, ...]] = {
    "load_rejected": ("22003", "22007", "22008", "22018", "22P02", "23"),
    "login_refused": ("28",),
    "privilege_missing": ("42501",),
    "snowflake_unavailable": ("08", "40", "53", "55", "57", "58", "XX"),
    "statement_cancelled": ("57014",),
    "statement_rejected": ("0A", "42"),
    "time_travel_refused": ("22023",),
    "warehouse_missing": ("57P03",),
}
# Where one code has several meanings, or is the connector's for all of Snowflake's.
_TEXTS = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"account is suspended|free trial has ended", "account_suspended"),
        (r"resource monitor", "warehouse_quota"),
        (r"\bwarehouse\b.* (?:is suspended|cannot be resumed)", "warehouse_suspended"),
        (r"requested warehouse does not exist", "warehouse_missing"),
        (r"temporarily locked", "user_locked"),
        (r"user access disabled", "user_disabled"),
        (r"network policy is required", "token_needs_policy"),
        (r"is not allowed to access snowflake", "network_policy"),
        (r"\brole '.*' specified in the connect string", "role_missing"),
        (r"incorrect username or password|JWT token is invalid", "login_refused"),
        (r"statement or warehouse timeout", "statement_timeout"),
        (r"cancelled by the client due to a timeout", "statement_timeout"),
        (r"\block\b.*\btime", "lock_wait"),  # [?] LOCK_TIMEOUT's own code is not documented
    )
)
_SAID_IN_WORDS = frozenset({"08", "57", "28"})  # classes of SQLSTATE, and:
_SAYS_NOTHING = 250001  # what a log-in's failure is wrapped in
_UPLOAD = re.compile(r"\bfailed to upload files", re.IGNORECASE)
_CREDENTIAL_CODE = re.compile(r"\b(39[04]\d{3})\b")
_PREFIX = re.compile(r"^\d{6}(?: \([^)]*\))?:(?: [0-9a-f-]{36}:| None:)? *", re.IGNORECASE)
# The system's words, as the connector hands them on: when it encrypts a file for PUT, or opens a connection.
_OF_THE_HOST = re.compile(
    "No space left on device|Disk quota exceeded|Read-only file system|Too many open files|Cannot allocate memory"
    "|File too large"
)
# HTTP 403 and 404, as connector 4 and 5 put it
_NO_SUCH_ACCOUNT = re.compile(r"account name is correct|error status: 40[34]\b")
# How COPY's message ends; a value before it may look alike.
_REFUSED_AT = re.compile(r'Row (\d{1,10}), column "[^"]*"\["([^"]*)":\d+\](?: If you would like [^"]*)?$')
_OF_WHAT = re.compile(r"\b(database|schema|stage|warehouse|table|view)\b '?[^\s']", re.IGNORECASE)
# What an object's code means where it concerns another object than it mostly does.
_OF_OBJECTS = {
    2003: {"database": "database_missing", "schema": "database_missing", "warehouse": "warehouse_missing"},
    2043: {"database": "database_missing", "schema": "database_missing", "warehouse": "warehouse_missing"},
    3001: {"table": "table_refused", "view": "table_refused", "warehouse": "warehouse_missing"},
    3041: {"database": "privilege_missing", "schema": "privilege_missing", "stage": "privilege_missing"},
}


class DriverError(Exception):
    """The connector's error without what may be secret; the `__cause__` of the SyncError made of it."""

    def __init__(self, errno: int, sqlstate: str, text: str) -> None:
        if len(text) > _LONGEST:
            text = text[:_LONGEST] + "…"
        self.errno, self.sqlstate, self.text = errno, sqlstate, text
        state = f" ({sqlstate})" if sqlstate else ""
        super().__init__(f"{errno:06d}{state}: {text}" if errno > 0 else text)


def classify(error: BaseException, doing: str, secrets: Iterable[str] = ()) -> SyncError:
    """The SyncError for what the connector raised while we were `doing` something.

    Its message has Snowflake's code and text in one line, without any of `secrets`; its `__cause__` is a DriverError.
    """
    errno, state, text = _stripped(error, secrets)
    said = DriverError(errno, state, text)
    ours = is_of_the_host(error) or (errno not in range(1, 250000) and _OF_THE_HOST.search(said.text))
    code = "host_trouble" if ours else _meaning(said, logging_in=doing.startswith(LOGGING_IN))
    if code == "load_rejected":
        said = DriverError(errno, state, _without_value(text))
    result = failure(
        code,
        " ".join(f"Could not {doing}: {said}".split()),
        query_id=str(getattr(error, "sfqid", None) or ""),
    )
    result.__cause__ = said
    return result


def errno_of(error: SyncError) -> int:
    """Snowflake's code behind an error of ours; 0 where there is none."""
    return error.__cause__.errno if isinstance(error.__cause__, DriverError) else 0


def is_answer(error: SyncError) -> bool:
    """Whether Snowflake itself has refused a statement, which has ended with that; else it may go on there.

    What ends the session may have come from the way there, unless the code is neither the connector's, nor HTTP's, nor
    one of who may log in.
    """
    return not error.entry.ends_session or errno_of(error) in range(100, 250000)


def is_other_than_known(error: SyncError) -> bool:
    """Whether Snowflake may have refused a statement because a table is not what it was: gone, altered, a view."""
    return errno_of(error) in NOT_FOUND | {WRONG_COLUMN, TABLE_EXISTS} or error.code == "statement_rejected"


def is_stage_gone(error: SyncError) -> bool:
    """Whether it is the stage that "does not exist or not authorized", and not a table."""
    cause = error.__cause__
    return (
        isinstance(cause, DriverError)
        and cause.errno in NOT_FOUND
        and bool(re.search(r"\bstage\b", cause.text, re.IGNORECASE))
    )


def _stripped(error: BaseException, secrets: Iterable[str]) -> tuple[int, str, str]:
    """Code, SQLSTATE and text, all of it in one line."""
    # An OSError's number is the system's, not Snowflake's.
    errno = None if isinstance(error, OSError) else getattr(error, "errno", None)
    state = getattr(error, "sqlstate", None) or ""
    text = str(getattr(error, "raw_msg", None) or getattr(error, "msg", None) or error)
    if not isinstance(errno, int):
        text = f"{type(error).__name__}: {text}"
    text = " ".join(_PREFIX.sub("", text).split())
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if len(secret) >= _SHORTEST_SECRET else text
    return _once(errno), "" if state == "n/a" else str(state), text


def _without_value(text: str) -> str:
    """Whose value was refused: Snowflake quotes it, whatever it holds."""
    found = _REFUSED_AT.search(text)
    return f'a value was refused, row {found[1]}, column "{found[2]}"' if found else "a value was refused"


def _once(errno: object) -> int:
    """Connector 4 adds 290000 to an HTTP error's code, and sometimes twice."""
    code = errno if isinstance(errno, int) else 0
    return code - _HTTP if code - _HTTP in range(250000, 251000) or code - _HTTP in range(_HTTP, _HTTP + 1000) else code


def _meaning(said: DriverError, *, logging_in: bool) -> str:
    errno = _effective(said)
    if errno == _SAYS_NOTHING and _NO_SUCH_ACCOUNT.search(said.text):
        return "account_unknown"
    code = _in_words(errno, said) or _of_object(errno, said.text) or _by_code(errno)
    if logging_in:
        return _at_login(code or _by_state(said.sqlstate), errno)
    # The session was let in before, so that a new log-in tells more; and what says something of the way to Snowflake
    # at log-in may be this statement's own fault later: it must not hold up others for ever.
    later = {
        "account_unknown": "snowflake_unavailable",
        "snowflake_unreachable": "snowflake_unavailable",
        "login_refused": "session_lost",
    }
    code = code or _by_state(said.sqlstate) or _unknown(said)
    return later.get(code, code)


def _at_login(code: str, errno: int) -> str:
    """Nobody's statement was sent: whatever it is, it concerns all items of the destination."""
    if code and CATALOGUE[code].kind is Kind.DESTINATION:
        return code
    # 39xxxx are Snowflake's words on who may log in; the rest is the way there.
    return "login_refused" if errno // 10000 == 39 else "snowflake_unreachable"


def _effective(said: DriverError) -> int:
    """Where a log-in's failure is wrapped and the text has Snowflake's own code, that one counts."""
    found = _CREDENTIAL_CODE.search(said.text) if said.errno == _SAYS_NOTHING else None
    return int(found[1]) if found else said.errno


def _in_words(errno: int, said: DriverError) -> str:
    if errno != _SAYS_NOTHING and errno // 10000 != 39 and said.sqlstate[:2] not in _SAID_IN_WORDS:
        return ""
    return next((code for pattern, code in _TEXTS if pattern.search(said.text)), "")


def _of_object(errno: int, text: str) -> str:
    found = _OF_WHAT.search(text)
    return _OF_OBJECTS.get(errno, {}).get(found[1].lower(), "") if found else ""


def _by_code(errno: int) -> str:
    found = (code for code, numbers in _CODES.items() if errno in numbers)
    return next(found, "") or next((code for numbers, code in _RANGES.items() if errno in numbers), "")


def _by_state(state: str) -> str:
    return next((code for given in (state, state[:2]) for code, states in _STATES.items() if given in states), "")


def _unknown(said: DriverError) -> str:
    errno = said.errno
    if 0 < errno < 100:
        # Connector 5 numbers its own troubles: I/O, time-outs, an upload.
        return "upload_failed" if _UPLOAD.search(said.text) else "snowflake_unavailable"
    # Who is at fault is not known, so nobody is blamed for good.
    return "refused_unknown" if 0 < errno < 250000 or errno >= 300000 else "unexpected"
