"""Secrets at rest: MultiFernet with the keys of FIELD_ENCRYPTION_KEYS, newest first."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadableError(Exception):
    """No key opens the stored secret: it has to be entered again, or its key brought back."""


def encrypt(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    """The secret. Raises SecretUnreadableError, which holds neither the secret nor what is stored."""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except (InvalidToken, ValueError):
        raise SecretUnreadableError from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
