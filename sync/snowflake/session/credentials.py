"""Ways to log in. A secret never shows in a repr, a str or an error.

Each has the connector's `arguments()`, and `secrets()`: what no message may contain.

docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect lists the parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from sync.errors import failure
from sync.snowflake.session.keys import der_of

Value = TypeVar("Value", str, bytes)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A user and the private key whose public half is the user's RSA_PUBLIC_KEY; DER, PKCS#8, not encrypted."""

    user: str
    private_key: bytes = field(repr=False)

    @classmethod
    def read(cls, user: str, private_key: str | bytes, passphrase: str = "") -> "KeyPair":
        """From PEM or DER, encrypted or not. Raises configuration_invalid."""
        return cls(user, der_of(private_key, passphrase))

    def arguments(self) -> dict[str, object]:
        return {
            "authenticator": "SNOWFLAKE_JWT",
            "user": _required(self.user, "user"),
            "private_key": _required(self.private_key, "private key"),
        }

    def secrets(self) -> tuple[str, ...]:
        return ()  # the key itself is never sent: a signature is


@dataclass(frozen=True, slots=True)
class _Token:
    token: str = field(repr=False)
    user: str = ""

    authenticator: ClassVar[str]
    called: ClassVar[str]

    def arguments(self) -> dict[str, object]:
        user = {"user": self.user} if self.user else {}
        return {"authenticator": self.authenticator, "token": _required(self.token, self.called), **user}

    def secrets(self) -> tuple[str, ...]:
        return (self.token,)


class AccessToken(_Token):
    """A programmatic access token."""

    authenticator = "PROGRAMMATIC_ACCESS_TOKEN"
    called = "access token"


class OAuthToken(_Token):
    """An OAuth access token that someone else keeps fresh."""

    authenticator = "OAUTH"
    called = "OAuth token"


@dataclass(frozen=True, slots=True)
class Password:
    """User and password. Snowflake's last date for single-factor passwords is October 2026."""

    user: str
    password: str = field(repr=False)

    def arguments(self) -> dict[str, object]:
        return {
            "authenticator": "SNOWFLAKE",
            "user": _required(self.user, "user"),
            "password": _required(self.password, "password"),
        }

    def secrets(self) -> tuple[str, ...]:
        return (self.password,)


@dataclass(frozen=True, slots=True)
class Stored:
    """Credentials as they are kept: `read` gives them, and is called by a log-in, and where an error is to be told.

    `kept` is different whenever they are, so that a session is known to belong to them without reading them: to check
    an RSA key takes 20 ms of processor time. `read` raises secret_unreadable and configuration_invalid.
    """

    user: str
    kept: tuple[str | None, ...] = field(repr=False)
    read: Callable[[], "Credentials"] = field(repr=False, compare=False)

    def arguments(self) -> dict[str, object]:
        return self.read().arguments()

    def secrets(self) -> tuple[str, ...]:
        return self.read().secrets()


Credentials = KeyPair | AccessToken | OAuthToken | Password | Stored


def _required(value: Value, what: str) -> Value:
    if not value:
        raise failure("configuration_invalid", f"The destination has no {what}")
    return value
