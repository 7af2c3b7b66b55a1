"""Which addresses may be asked: those on the public internet, and what the operator lists in ALERT_HOSTS.

Users type the addresses of webhooks. What is behind this server's firewall, its own services and its host's metadata
are not for them: https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = frozenset({80, 443, 8443})
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
# What resolvers read as a number: 127.1, 0x7f.1, 017700000001.
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")

# What is_global has said yes to in some version of Python, or says yes to as part of something larger.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT; the metadata of one cloud
        "168.63.129.16/32",  # the metadata of another
        "192.0.0.0/24",  # and of a third
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo, ORCHID and other protocols' own
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# All of IPv6 that is given to hosts on the internet: without mapped, compatible, translated, unique local, link-local
# and site-local addresses.
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")


class RefusedError(Exception):
    """An address that may not be asked; its words say why, and what to do."""


@dataclass(frozen=True)
class Target:
    """An address that somebody typed, taken apart."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """As HTTP wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def taken_apart(url: str, listed: Iterable[str]) -> Target:
    """The target of an address, if one like this may be asked at all. Looks nothing up. Raises RefusedError."""
    if not (url.isascii() and url.isprintable()) or " " in url or "\\" in url or len(url) > 1000:
        raise RefusedError("The address has characters that an address cannot have; hosts are written as xn--….")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RefusedError("This is no address.") from error
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise RefusedError("The address has to begin with https:// and a host.")
    if "@" in parts.netloc or parts.fragment or "#" in url:
        raise RefusedError("The address cannot hold a user, a password or a fragment (#).")
    secure = parts.scheme == "https"
    target = Target(secure, _host(parts.hostname), port or (443 if secure else 80), _path(parts.path, parts.query))
    if _listed(target, listed):
        return target
    if not secure:
        raise RefusedError("The address has to begin with https://; the operator can allow others by ALERT_HOSTS.")
    if target.port not in PORTS:
        raise RefusedError("The port has to be 443, 80 or 8443; the operator can allow others by ALERT_HOSTS.")
    literal = _literal(target.host)
    if literal is not None:
        usable(target, [literal], listed)
    return target


def usable(target: Target, addresses: Iterable[Address], listed: Iterable[str]) -> list[Address]:
    """The addresses that a host's name has led to, if all of them may be asked. Raises RefusedError."""
    listed = tuple(listed)
    found = list(dict.fromkeys(addresses))
    if not _listed(target, listed):
        nets = [net for net in map(_network, listed) if net is not None]
        if not all(is_public(address) or any(address in net for net in nets) for address in found):
            raise RefusedError(
                "The host leads to an address that is not on the public internet; the operator can allow it by "
                "ALERT_HOSTS."
            )
    return found


def can_be_listed(entry: str) -> bool:
    """Whether an entry of ALERT_HOSTS means something: a network, or a host as it may be typed."""
    if "/" in entry.removeprefix("http://").rstrip("/"):
        return _network(entry) is not None
    try:
        url = entry if entry.startswith("http://") else f"https://{entry}"
        return taken_apart(url, [entry]).path == "/"
    except RefusedError:
        return False


def is_public(address: Address) -> bool:
    """Whether it is a host's on the public internet."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast and not any(address in net for net in _NOT_PUBLIC)


def _host(name: str) -> str:
    """A host's name or address, in its one form."""
    name = name.lower()
    literal = _literal(name)
    if literal is not None:
        return str(literal)
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise RefusedError("This is no host: write its name, or its address as 203.0.113.5.")
    return name


def _literal(host: str) -> Address | None:
    try:
        return None if "%" in host else ipaddress.ip_address(host)
    except ValueError:
        return None


def _path(path: str, query: str) -> str:
    return (path or "/") + (f"?{query}" if query else "")


def _listed(target: Target, listed: Iterable[str]) -> bool:
    """Whether the operator lists this host: `host` (https, the usual ports), `host:port`, `http://host:port`."""
    port = target.host_header.removeprefix(f"[{target.host}]").removeprefix(target.host)
    name = f"[{target.host}]" if ":" in target.host else target.host
    spellings = {f"{name}{port}", f"{name}:{target.port}"} | ({name} if target.port in PORTS else set())
    wanted = spellings if target.secure else {f"http://{spelling}" for spelling in spellings}
    return not wanted.isdisjoint(entry.lower().rstrip("/") for entry in listed)


def _network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry) if "/" in entry and "://" not in entry else None
    except ValueError:
        return None
