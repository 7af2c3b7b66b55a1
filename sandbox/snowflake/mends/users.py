"""Users' public keys: ALTER USER … SET RSA_PUBLIC_KEY, and log-ins with a key pair that are held against them.

A user who was never given a key gets in with any, as everybody gets in with any password.
"""

import base64
import hashlib
import re
import threading
from dataclasses import dataclass

import jwt
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

_ALGORITHMS = ["RS256", "ES256", "ES384", "ES512"]
_ALTER = re.compile(
    r"""\s*ALTER\s+USER\s+(?:IF\s+EXISTS\s+)?(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<plain>\w+))\s+
    (?:SET\s+(?P<slot>RSA_PUBLIC_KEY(?:_2)?)\s*=\s*'(?P<key>[^']*)'|UNSET\s+(?P<unset>RSA_PUBLIC_KEY(?:_2)?))\s*;?\s*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Change:
    """What an ALTER USER does to a user's keys; `key` is empty for UNSET."""

    user: str
    slot: str
    key: str


def of_keys(command: str) -> Change | None:
    """The change that this statement makes; None for every other."""
    found = _ALTER.fullmatch(command)
    if not found:
        return None
    user = (found["quoted"] or "").replace('""', '"') or found["plain"].upper()
    return Change(user, (found["slot"] or found["unset"]).upper(), found["key"] or "")


class Users:
    """The public keys of users, by log-in name; a name is not case-sensitive when logging in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, dict[str, bytes]] = {}

    def change(self, what: Change) -> None:
        with self._lock:
            keys = self._keys.setdefault(what.user.lower(), {})
            if what.key:
                keys[what.slot] = base64.b64decode(what.key, validate=True)
            else:
                keys.pop(what.slot, None)

    def lets_in(self, user: str, token: str) -> bool:
        """Whether a JWT is signed by one of the user's keys, and says so."""
        with self._lock:
            keys = self._keys.get(user.lower())
        return keys is None or any(_signed(token, user, key) for key in keys.values())


def _signed(token: str, user: str, key: bytes) -> bool:
    fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode()
    try:
        claims = jwt.decode(token, load_der_public_key(key), algorithms=_ALGORITHMS)  # type: ignore[arg-type]
    except (jwt.InvalidTokenError, InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    subject = str(claims.get("sub", ""))
    named = subject.split(".", 1)[-1].lower() == user.lower()
    return named and claims.get("iss") == f"{subject}.{fingerprint}"


known = Users()
