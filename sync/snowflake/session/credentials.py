"""Ways to log in. A secret never shows in a repr, a str or an error.

Each has the connector's `arguments()`, and `secrets()`: what no message may contain.

docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect lists the
parameters.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from asn1crypto import keys, pem
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, SECP521R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sync.errors import SyncError, failure

Value = TypeVar("Value", str, bytes)

# docs.snowflake.com/en/user-guide/key-pair-auth; the connector signs with these since 4.5.
_CURVES = (SECP256R1, SECP384R1, SECP521R1)
_KEY_REMEDY = (
    "Enter the whole private key (PEM; RSA of 2048 to 4096 bits, or ECDSA on P-256, P-384 or P-521) and its "
    "passphrase, if it has one, in the Snowflake configuration."
)
# Reading a key stops every thread of the process meanwhile: with 8192 bits for many seconds, and with as many rounds of
# its passphrase's hash as it says itself for hours.
_LONGEST_KEY = 4_000
_MOST_ROUNDS = 1_000_000
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A user and the private key whose public half is the user's RSA_PUBLIC_KEY; DER, PKCS#8, not
    encrypted.
    """

    user: str
    private_key: bytes = field(repr=False)

    @classmethod
    def read(cls, user: str, private_key: str | bytes, passphrase: str = "") -> "KeyPair":
        """From PEM or DER, encrypted or not. Raises configuration_invalid."""
        raw = private_key.encode() if isinstance(private_key, str) else private_key
        return cls(user, _der(_load(raw, passphrase.encode() or None)))

    def arguments(self) -> dict[str, object]:
        return {
            "authenticator": "SNOWFLAKE_JWT",
            "user": _required(self.user, "user"),
            "private_key": _required(self.private_key, "private key"),
        }

    def secrets(self) -> tuple[str, ...]:
        return ()  # the key itself is never sent: a signature is


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A programmatic access token."""

    token: str = field(repr=False)
    user: str = ""

    def arguments(self) -> dict[str, object]:
        token = _required(self.token, "access token")
        return _with_user(self.user, "PROGRAMMATIC_ACCESS_TOKEN", {"token": token})

    def secrets(self) -> tuple[str, ...]:
        return (self.token,)


@dataclass(frozen=True, slots=True)
class OAuthToken:
    """An OAuth access token that someone else keeps fresh."""

    token: str = field(repr=False)
    user: str = ""

    def arguments(self) -> dict[str, object]:
        token = _required(self.token, "OAuth token")
        return _with_user(self.user, "OAUTH", {"token": token})

    def secrets(self) -> tuple[str, ...]:
        return (self.token,)


@dataclass(frozen=True, slots=True)
class Password:
    """User and password. Snowflake ends single-factor passwords for everyone in October 2026."""

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


Credentials = KeyPair | AccessToken | OAuthToken | Password


def _with_user(user: str, authenticator: str, rest: dict[str, object]) -> dict[str, object]:
    named: dict[str, object] = {"user": user} if user else {}
    return {"authenticator": authenticator, **named, **rest}


def _required(value: Value, what: str) -> Value:
    if not value:
        raise failure("configuration_invalid", f"The Snowflake configuration has no {what}")
    return value


def _load(raw: bytes, passphrase: bytes | None) -> object:
    if b"PUBLIC KEY" in raw:
        raise _bad_key("What was entered as the private key is a public key")
    if b"OPENSSH PRIVATE KEY" in raw:
        raise _bad_key("The private key is in OpenSSH's form, which Snowflake does not take")
    if len(raw) > _LONGEST_KEY:
        raise _bad_key("The private key is longer than one of 4096 bits")
    if passphrase and (b"-----BEGIN" not in raw or _ENCRYPTED in raw):
        raw = _opens_soon(raw)
    armored = b"-----BEGIN" in raw
    load = serialization.load_pem_private_key if armored else serialization.load_der_private_key
    try:
        return load(raw.strip() if armored else raw, password=passphrase)
    except TypeError:
        # The library's word for a passphrase that is missing, or given and not needed.
        return _load(raw, None) if passphrase else _missing_passphrase()
    except (ValueError, UnsupportedAlgorithm):
        why = "; the passphrase may be wrong" if passphrase else ""
        raise _bad_key(f"The private key cannot be read{why}") from None


def _opens_soon(raw: bytes) -> bytes:
    """The DER of an encrypted key that says how often its passphrase is hashed, and not too often."""
    try:
        der = pem.unarmor(raw)[2] if _ENCRYPTED in raw else raw
        if keys.EncryptedPrivateKeyInfo.load(der)["encryption_algorithm"].kdf_iterations <= _MOST_ROUNDS:
            return der
    except (ValueError, TypeError, KeyError):  # scrypt among them, whose cost has three figures
        pass
    raise _bad_key("The private key's passphrase takes too long to try, or is hashed in a way that is not known")


def _missing_passphrase() -> object:
    raise _bad_key("The private key is encrypted, and there is no passphrase for it")


def _der(key: object) -> bytes:
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise _bad_key("The private key is of a kind that Snowflake does not know")
    if isinstance(key, EllipticCurvePrivateKey) and not isinstance(key.curve, _CURVES):
        raise _bad_key(f"The private key is on the curve {key.curve.name}, which Snowflake does not know")
    if isinstance(key, RSAPrivateKey) and key.key_size < 2048:
        raise _bad_key(f"The private key has {key.key_size} bits; Snowflake wants 2048 at least")
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _bad_key(happened: str) -> SyncError:
    return failure("configuration_invalid", happened, remedy=_KEY_REMEDY)
