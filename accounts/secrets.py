"""Secrets at rest: MultiFernet with the keys of FIELD_ENCRYPTION_KEYS, newest first, each bound to where it stands.

Whoever may write the table could copy a ciphertext into a row of their own and use the secret; but there it cannot be
decrypted. Secrets that an earlier service stored under FERNET_KEY are bound to nothing, and are decrypted as long as
that key is set.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

# No secret holds this character.
_END = "\0"


class Sealed:
    """A row with columns that hold secrets, each encrypted and bound to its place."""

    def place_of(self, column: str) -> str:
        """The place that a secret in this column is bound to: the row, its owner and the column."""
        raise NotImplementedError

    @sensitive_variables("secret")
    def seal(self, column: str, secret: str) -> None:
        """Encrypts a secret into a column."""
        setattr(self, column, encrypt(secret, self.place_of(column)))

    def unseal(self, column: str) -> str:
        """The secret in a column, decrypted. Raises SecretUnreadableError."""
        return decrypt(getattr(self, column) or "", self.place_of(column))


class SecretUnreadableError(Exception):
    """No key decrypts the stored secret in this place: it has to be entered again, or its key brought back."""


@sensitive_variables()
def encrypt(secret: str, place: str) -> str:
    """The ciphertext to store. It can be decrypted in this `place` only, which names row, owner and column."""
    return _fernet().encrypt(f"{place}{_END}{secret}".encode()).decode()


@sensitive_variables()
def decrypt(stored: str, place: str) -> str:
    """The secret. Raises SecretUnreadableError, which holds neither the secret nor the ciphertext."""
    bound_to, end, secret = (_open(_fernet(), stored) or "").partition(_END)
    if end and bound_to == place:
        return secret
    earlier = _open(Fernet(settings.FERNET_KEY), stored) if settings.FERNET_KEY else None
    if earlier is None or _END in earlier:
        raise SecretUnreadableError
    return earlier


@sensitive_variables()
def is_current(stored: str, place: str) -> bool:
    """Whether the newest key decrypts the secret in this place, so that the older keys are not needed for it."""
    opened = _open(Fernet(settings.FIELD_ENCRYPTION_KEYS[0]), stored)
    return opened is not None and opened.startswith(f"{place}{_END}")


def _open(key: Fernet | MultiFernet, stored: str) -> str | None:
    try:
        return key.decrypt(stored.encode()).decode()
    except (InvalidToken, ValueError):
        return None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
