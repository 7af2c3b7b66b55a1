"""EMAIL_URL, taken apart.

django-environ reads `smtps` as STARTTLS, which the rest of the world reads as TLS from the beginning, knows no
`submission`, leaves a port that is not named open, and drops a query without a word.
"""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# STARTTLS, TLS from the beginning, port.
_SCHEMES = {
    "smtp": (False, False, 25),
    "smtp+tls": (True, False, 587),
    "submission": (True, False, 587),
    "smtp+ssl": (False, True, 465),
    "smtps": (False, True, 465),
    "submissions": (False, True, 465),
}


class MailSettings(NamedTuple):
    """What Django wants to know; without a host there is no mail server."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool

    @property
    def sender(self) -> str:
        """The user's name, if it is an address."""
        return self.user if "@" in self.user else ""


def mail_settings(url: str) -> MailSettings:
    """Of `smtp+tls://user:password@host:port`. Raises ImproperlyConfigured, without quoting it: it has a password."""
    if not url:
        return MailSettings("", 25, "", "", starttls=False, tls=False)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            "EMAIL_URL: what stands there is no URL; is a # or / in it not written as %23, %2F?"
        ) from None
    if parts.scheme not in _SCHEMES:
        raise ImproperlyConfigured(f"EMAIL_URL begins with one of {', '.join(f'{name}://' for name in _SCHEMES)}.")
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or "#" in url:
        raise ImproperlyConfigured(
            "EMAIL_URL is scheme://user:password@host:port and nothing else; in a user's name or a password, write "
            "@ as %40, / as %2F, ? as %3F, # as %23, : as %3A, % as %25."
        )
    starttls, tls, usual = _SCHEMES[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailSettings(parts.hostname, port or usual, user, password, starttls, tls)
