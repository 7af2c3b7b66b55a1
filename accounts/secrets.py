"""Secrets at rest: MultiFernet with the keys of FIELD_ENCRYPTION_KEYS, newest first, each bound to where it stands.

Whoever may write the table could copy a ciphertext into a row of their own and use the secret: it does not open there.
What an earlier service has stored under FERNET_KEY is bound to nothing, and opens as long as that is set.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

# No secret holds it.
_END = "\0"


class SecretUnreadableError(Exception):
    """No key opens the stored secret in this place: it has to be entered again, or its key brought back."""


@sensitive_variables()
def encrypt(secret: str, place: str) -> str:
    """What is stored of a secret. It opens in this place only: say which row, whose, and which column."""
    return _fernet().encrypt(f"{place}{_END}{secret}".encode()).decode()


@sensitive_variables()
def decrypt(stored: str, place: str) -> str:
    """The secret. Raises SecretUnreadableError, which holds neither the secret nor what is stored."""
    bound_to, end, secret = (_open(_fernet(), stored) or "").partition(_END)
    if end and bound_to == place:
        return secret
    earlier = _open(Fernet(settings.FERNET_KEY), stored) if settings.FERNET_KEY else None
    if earlier is None or _END in earlier:
        raise SecretUnreadableError
    return earlier


@sensitive_variables()
def is_current(stored: str, place: str) -> bool:
    """Whether the newest key opens it in this place, so that the others are not needed for it."""
    opened = _open(Fernet(settings.FIELD_ENCRYPTION_KEYS[0]), stored)
    return opened is not None and opened.startswith(f"{place}{_END}")


def _open(key: Fernet | MultiFernet, stored: str) -> str | None:
    try:
        return key.decrypt(stored.encode()).decode()
    except (InvalidToken, ValueError):
        return None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
