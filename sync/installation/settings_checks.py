"""System checks of what a production environment must not have: secrets that are guessed, hosts that anybody names."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# 128 bits as `openssl rand -hex 16` writes them.
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 8
HOW_TO_MAKE_ONE = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'


@register()
def check_production(**_kwargs: Any) -> Sequence[CheckMessage]:
    """What development may have and production may not."""
    if settings.DEBUG:
        return _check_endpoint()
    return [*_check_endpoint(), *_check_secret_key(), *_check_published_key(), *_check_hosts()]


def _check_secret_key() -> Sequence[CheckMessage]:
    key = settings.SECRET_KEY
    # "missing" has an error of its own, sync.E001.
    if key == "missing" or (len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_CHARACTERS):
        return []
    return [
        Error(
            f"SECRET_KEY can be guessed, and with it the sessions be forged: it has {len(key)} characters, "
            f"{len(set(key))} of them different.",
            hint=f"Make one of {SHORTEST_KEY} or more with: {HOW_TO_MAKE_ONE}",
            id="sync.E008",
        )
    ]


def _check_published_key() -> Sequence[CheckMessage]:
    if settings.DEVELOPMENT_ENCRYPTION_KEY not in settings.FIELD_ENCRYPTION_KEYS:
        return []
    return [
        Error(
            "FIELD_ENCRYPTION_KEYS holds the key of development, which everybody can read.",
            hint="Put a new key before it, run rotate_encryption_keys with DEBUG=true, and take it out.",
            id="sync.E009",
        )
    ]


def _check_hosts() -> Sequence[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS is *: whoever asks says under which name, and links are made with it.",
            hint="Name the hosts that the web server answers to, such as sync.example.com.",
            id="sync.E010",
        )
    ]


def _check_endpoint() -> Sequence[CheckMessage]:
    endpoint = settings.SNOWFLAKE_ENDPOINT
    if not endpoint or urlsplit(endpoint).scheme == "https" or (settings.DEBUG and _is_here(endpoint)):
        return []
    return [
        Error(
            "SNOWFLAKE_ENDPOINT is not https: passwords and results would go through the network as they are.",
            hint="Leave it out to connect to Snowflake. With DEBUG=true it may be http on this host, 127.0.0.1.",
            id="sync.E011",
        )
    ]


def _is_here(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
