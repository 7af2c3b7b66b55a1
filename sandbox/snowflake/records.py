"""What the local Snowflake remembers: statements, log-ins, sessions, and the faults that struck."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One statement as Snowflake would count it.

    A retry of the driver re-uses its request id and is the same statement. A PUT is one, although
    the driver sends more here: the server answers as Snowflake on Google Cloud does (its uploads
    are plain HTTP), and for that the driver asks once more a file, with its bare name, where to upload.
    Refused statements count; ones that met an HTTP status or a dropped connection before they ran
    do not.
    """

    n: int
    sql: str
    session: int
    user: str
    tag: str
    database: str
    seconds: float
    error_code: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Login:
    """One attempt to log in. No secrets: only who, where and how."""

    n: int
    user: str
    account: str
    authenticator: str
    database: str
    schema: str
    session: int | None
    parameters: dict[str, str]
    error_code: str = ""


@dataclass(frozen=True)
class Strike:
    """A fault that struck: what it did, and to what; `sql` is "login" or "renewal" where it was no statement."""

    n: int
    action: str
    code: str
    sql: str
    user: str
    request_id: str


@dataclass(frozen=True)
class OpenSession:
    """A session that has not logged out: what it holds, its requests without an answer, and the client's ports.

    `idle`: seconds since its last statement.
    """

    number: int
    user: str
    in_transaction: bool
    temporary_tables: list[str]
    requests: int
    idle: float
    ports: list[int]
