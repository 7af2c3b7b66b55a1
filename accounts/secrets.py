"""Secrets at rest: MultiFernet with the keys of FIELD_ENCRYPTION_KEYS, newest first."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables


class SecretUnreadableError(Exception):
    """No key opens the stored secret: it has to be entered again, or its key brought back."""


@sensitive_variables()
def encrypt(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    """The secret. Raises SecretUnreadableError, which holds neither the secret nor what is stored."""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except (InvalidToken, ValueError):
        raise SecretUnreadableError from None


def is_current(stored: str) -> bool:
    """Whether the newest key opens it, so that the older ones are not needed for it."""
    try:
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(stored.encode())
    except (InvalidToken, ValueError):
        return False
    return True


def encrypt_again(stored: str) -> str:
    """The same secret, encrypted with the newest key. Raises SecretUnreadableError."""
    try:
        return _fernet().rotate(stored.encode()).decode()
    except (InvalidToken, ValueError):
        raise SecretUnreadableError from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
