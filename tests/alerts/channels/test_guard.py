"""What of an address that somebody types can be told before anybody is asked."""

import ipaddress

import pytest
from pytest_django import Settings

from sync.alerts.channels import check_alert_settings
from sync.alerts.channels.guard import RefusedError, is_public, taken_apart
from sync.alerts.channels.post import post

LOOPBACK = (
    "http://127.0.0.1",
    "https://127.0.0.1",
    "https://localhost",
    "https://2130706433",
    "https://017700000001",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://127.1",
    "https://0177.0.0.1",
    "https://127.0.0.01",
    "https://0",
    "https://0.0.0.0",
    "https://[::1]",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[::127.0.0.1]",
    "https://[64:ff9b::7f00:1]",
    "https://[64:ff9b:1::7f00:1]",
    "https://[2002:7f00:1::]",
    "https://[fe80::1%25lo]",
    "https://127.0.0.1.",
    "https://\uff11\uff12\uff17.0.0.1",
    "https://user@127.0.0.1",
    "https://example.com@127.0.0.1",
    "https://127.0.0.1#@example.com",
    "https://example.com\\@127.0.0.1",
    "https://127.0.0.1 .example.com",
)


@pytest.mark.parametrize("address", [each for each in LOOPBACK if each.startswith("https")])
def test_nor_at_a_port_that_may_be_asked(address: str) -> None:
    with pytest.raises(RefusedError):
        post(f"{address}/", b"{}", {}, longest=5)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450::1"])
def test_what_is_public_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("listed", "address", "may"),
    [
        ("127.0.0.1:9000", "https://127.0.0.1:9000/", True),
        ("127.0.0.1", "https://127.0.0.1/", True),
        ("127.0.0.1", "https://127.0.0.1:8443/", True),
        ("127.0.0.1", "https://127.0.0.1:9000/", False),
        ("127.0.0.1", "http://127.0.0.1/", False),
        ("http://127.0.0.1", "http://127.0.0.1/", True),
        ("http://127.0.0.1:80", "http://127.0.0.1/", True),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/", True),
        ("http://127.0.0.1:9000", "https://127.0.0.1:9000/", False),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9001/", False),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/", True),
        ("127.0.0.0/8", "https://127.0.0.1/", True),
        ("127.0.0.0/8", "http://127.0.0.1/", False),
        ("127.0.0.0/8", "https://127.0.0.1:9000/", False),
        ("10.0.0.0/8", "https://127.0.0.1/", False),
        ("hooks.internal:9000", "https://HOOKS.internal:9000/x", True),
        ("hooks.internal", "https://hooks.internal.example.com:9000/", False),
        ("[::1]:9000", "https://[::1]:9000/", True),
        ("::1/128", "https://[::1]/", True),
    ],
)
def test_what_the_operator_lists_may_be_asked_and_no_more(listed: str, address: str, *, may: bool) -> None:
    if may:
        taken_apart(address, [listed])
    else:
        with pytest.raises(RefusedError):
            taken_apart(address, [listed])


@pytest.mark.parametrize(
    "address",
    ["", "example.com", "ftp://example.com", "file:///etc/passwd", "gopher://example.com", "https://", "https:///x",
     "https://exa mple.com", "https://example.com:70000", "https://example.com:x", "https://-a.example.com",
     "https://münchen.example", "https://example.com/\r\nX: y", "https://example.com/\x00", "https://example..com",
     "https://[::1", "https://example.com#x", "https://" + "a" * 2000 + ".com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(RefusedError):
        taken_apart(address, [])


@pytest.mark.parametrize(
    ("entry", "may"),
    [
        ("hooks.internal", True),
        ("hooks.internal:9000", True),
        ("http://hooks.internal", True),
        ("http://127.0.0.1:8025", True),
        ("[::1]:9000", True),
        ("10.1.0.0/16", True),
        ("fd00::/8", True),
        ("10.1.0.0/33", False),
        ("10.1.2.3/16", False),
        ("https://hooks.internal", False),
        ("hooks.internal/path", False),
        ("*.internal", False),
        ("hooks internal", False),
        ("", False),
    ],
)
def test_what_means_nothing_in_the_list_is_said(entry: str, *, may: bool, settings: Settings) -> None:
    settings.ALERT_HOSTS = [entry]
    assert ([found.id for found in check_alert_settings()] == []) is may


def test_a_site_that_is_no_address_is_said(settings: Settings) -> None:
    settings.SITE_URL = "sync.example.com"
    assert [found.id for found in check_alert_settings()] == ["sync.E040"]
    settings.SITE_URL, settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "https://a.example", "mail.example.com", ""
    assert [found.id for found in check_alert_settings()] == ["sync.W040"]
