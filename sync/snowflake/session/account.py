"""From an account identifier to a host, always under Snowflake's own domains.

docs.snowflake.com/en/user-guide/admin-account-identifier: `organization-account`, or the older `locator`,
`locator.region` and `locator.region.cloud`; PrivateLink names have `privatelink` behind them. What a user types here
decides where their workers' credentials are sent, so everything else is refused.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sync.errors import SyncError, failure

_SUFFIXES = (".snowflakecomputing.com", ".snowflakecomputing.cn")
_ACCOUNT = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?", re.ASCII)
_REGION = re.compile(r"[a-z]+(?:-[a-z0-9]+)+", re.ASCII)
_WORDS = frozenset({"aws", "azure", "gcp", "global", "privatelink", "fhplus", "dod"})
# The web interface, which all accounts share; it names the account behind the host.
_APP_HOSTS = frozenset({"app.snowflake.com", "app.snowflake.cn"})
_ORGANIZATION = re.compile(r"[A-Za-z0-9]+", re.ASCII)
# urlsplit drops tabs and newlines, and browsers read a backslash as a slash.
_PLAIN_ADDRESS = re.compile(r"[!-\[\]-~]+", re.ASCII)
_REMEDY = (
    "Enter the account identifier alone, as Snowflake shows it: organization-account, or xy12345.eu-central-1.aws."
)

# An organization's name has no hyphen. `organization-account` is how Snowflake names an account today; where an older
# locator's pages are depends on its region and cloud, and PrivateLink's on the network: no link then.
_NAMED_ACCOUNT = re.compile(r"([a-z0-9]+)-([a-z0-9_-]+?)(?:\.snowflakecomputing\.com)?", re.ASCII)
_PLAIN_NAME = re.compile(r"[A-Z_][A-Z0-9_]*", re.ASCII)
_QUERY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect. `account` is what goes with the log-in."""

    account: str
    host: str
    port: int = 443
    protocol: str = "https"


def address_for(account_identifier: str, endpoint: str = "") -> Address:
    """The address of an account, or the operator's `endpoint` (`http://127.0.0.1:1234`) in place of Snowflake's.

    Raises configuration_invalid for anything that is not a Snowflake account.
    """
    account, suffix = _parts(account_identifier)
    if endpoint:
        return _endpoint(account, endpoint)
    # Host names have no underscores; Snowflake answers to hyphens in their place.
    return Address(account, account.replace("_", "-") + suffix)


def account_from(pasted: str) -> str:
    """The account identifier in what somebody pasted: itself, a host name, or the address of a page
    of Snowflake's, `https://app.snowflake.com/org/account/…` included.

    Raises configuration_invalid for anything that is not a Snowflake account.
    """
    text = pasted.strip()
    if "://" in text:
        text = _from_address(text) or text
    account, suffix = _parts(text)
    china = suffix == _SUFFIXES[1] and not any(label.startswith("cn-") for label in account.split("."))
    return account + suffix if china else account


def query_address(account_identifier: str, query_id: str) -> str | None:
    """The page of a query in Snowsight; None where it is not known for sure.

    docs.snowflake.com/en/user-guide/organizations-connect: https://app.snowflake.com/ORGANIZATION/ACCOUNT.
    """
    page = _page_of(account_identifier)
    return f"{page}/#/compute/history/queries/{query_id}/detail" if page and _QUERY_ID.fullmatch(query_id) else None


def table_address(account_identifier: str, database: str, schema: str, table: str) -> str | None:
    """The page of a table in Snowsight; None where it is not known for sure.

    The form is the one that Snowsight shows, and catalogues link to; no documentation promises it. How it writes names
    that need quotes is not known.
    """
    page = _page_of(account_identifier)
    if page is None or not all(_PLAIN_NAME.fullmatch(name) for name in (database, schema, table)):
        return None
    return f"{page}/#/data/databases/{database}/schemas/{schema}/table/{table}"


def _page_of(account_identifier: str) -> str | None:
    account = _NAMED_ACCOUNT.fullmatch(account_identifier.strip().lower())
    return "https://app.snowflake.com/{}/{}".format(*account.groups()) if account else None


def _from_address(address: str) -> str:
    """The account that a page of Snowflake's belongs to; empty for any other page."""
    try:
        parts = urlsplit(address)
        plain = parts.scheme == "https" and parts.port in (None, 443) and "@" not in parts.netloc
    except ValueError:
        return ""
    host = (parts.hostname or "") if plain and address.isascii() and _PLAIN_ADDRESS.fullmatch(address) else ""
    if host not in _APP_HOSTS:
        return host if host.endswith(_SUFFIXES) else ""
    first, _, second = parts.path.removeprefix("/").partition("/")
    second = second.split("/")[0]
    if not _ACCOUNT.fullmatch(second.lower()):
        return ""
    if _ORGANIZATION.fullmatch(first):
        return f"{first}-{second}"
    return f"{second}.{first}" if all(map(_known, first.lower().split("."))) else ""


def _parts(identifier: str) -> tuple[str, str]:
    account = identifier.lower() if identifier.isascii() else ""
    suffix = next((suffix for suffix in _SUFFIXES if account.endswith(suffix)), "")
    account = account.removesuffix(suffix)
    first, *others = account.split(".")
    if not _ACCOUNT.fullmatch(first) or not all(map(_known, others)) or len(account) > 200:
        raise _refused(identifier)
    china = any(label.startswith("cn-") for label in others)
    return account, suffix or _SUFFIXES[china]


def _known(label: str) -> bool:
    return label in _WORDS or bool(len(label) < 64 and _REGION.fullmatch(label))


def _refused(identifier: str) -> SyncError:
    shown = identifier if len(identifier) <= 80 else identifier[:80] + "…"
    return failure(
        "configuration_invalid",
        f"{shown!a} is not a Snowflake account identifier",
        remedy=_REMEDY,
    )


def _endpoint(account: str, endpoint: str) -> Address:
    try:
        parts = urlsplit(endpoint)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise _bad_endpoint() from None
    whole = f"{parts.scheme}://{parts.netloc}"
    named = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if not named or endpoint.rstrip("/") != whole:
        raise _bad_endpoint()
    host = parts.hostname or ""
    return Address(account, f"[{host}]" if ":" in host else host, port, parts.scheme)


def _bad_endpoint() -> SyncError:
    return failure(
        "configuration_invalid",
        "SNOWFLAKE_ENDPOINT is not of the form http://host:port",
        remedy="Correct SNOWFLAKE_ENDPOINT, or leave it out to connect to Snowflake.",
    )
