"""Where credentials may be sent: to Snowflake, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import DestinationError, SyncError
from sync.snowflake.session.account import Address, account_from, address_for


@pytest.mark.parametrize(
    ("identifier", "host"),
    [
        ("myorg-account1", "myorg-account1.snowflakecomputing.com"),
        ("MYORG-ACCOUNT1", "myorg-account1.snowflakecomputing.com"),
        ("myorg-my_account", "myorg-my-account.snowflakecomputing.com"),
        ("xy12345", "xy12345.snowflakecomputing.com"),
        ("xy12345.eu-central-1", "xy12345.eu-central-1.snowflakecomputing.com"),
        ("xy12345.us-east-2.aws", "xy12345.us-east-2.aws.snowflakecomputing.com"),
        ("xy12345.west-europe.azure", "xy12345.west-europe.azure.snowflakecomputing.com"),
        ("xy12345.us-central1.gcp", "xy12345.us-central1.gcp.snowflakecomputing.com"),
        ("xy12345.fhplus.us-gov-west-1.aws", "xy12345.fhplus.us-gov-west-1.aws.snowflakecomputing.com"),
        ("xy12345.cn-northwest-1.aws", "xy12345.cn-northwest-1.aws.snowflakecomputing.cn"),
        ("myorg-account1.privatelink", "myorg-account1.privatelink.snowflakecomputing.com"),
        (
            "xy12345.eu-central-1.privatelink.snowflakecomputing.com",
            "xy12345.eu-central-1.privatelink.snowflakecomputing.com",
        ),
        ("myorg-account1.snowflakecomputing.com", "myorg-account1.snowflakecomputing.com"),
        ("xy12345.cn-northwest-1.aws.snowflakecomputing.cn", "xy12345.cn-northwest-1.aws.snowflakecomputing.cn"),
    ],
)
def test_hosts(identifier: str, host: str) -> None:
    assert address_for(identifier).host == host


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        " ",
        ".",
        "evil.com",
        "myorg-account1.evil.com",
        "myorg-account1.snowflakecomputing.com.evil.com",
        "myorg-account1.snowflakecomputing.evil",
        "snowflakecomputing.com",
        ".snowflakecomputing.com",
        "evil.com.snowflakecomputing.com",
        "https://myorg-account1.snowflakecomputing.com",
        "myorg-account1.snowflakecomputing.com/",
        "myorg-account1.snowflakecomputing.com.",
        "evil.com/.snowflakecomputing.com",
        "evil.com#.snowflakecomputing.com",
        "evil.com?.snowflakecomputing.com",
        "user@evil.com",
        "evil.com:443",
        "myorg-account1:8080",
        "myorg-account1\\evil",
        "a..b",
        "../etc",
        "myorg account1",
        " myorg-account1",
        "myorg-account1\n",
        "myorg-account1\r\nHost: evil.com",
        "myorg-account1%2eevil.com",
        "myorg-account1。evil",
        "mуorg-account1",  # noqa: RUF001 -- a Cyrillic letter
        "myorg‐account1",  # noqa: RUF001 -- not a hyphen
        "acme-\u212aey",  # the sign for Kelvin, a small k in lower case
        "-leading",
        "trailing-",
        "127.0.0.1",
        "[::1]",
        "localhost.localdomain",
        "a" * 64,
        "a" + ".us-east-1" * 30,
    ],
)
def test_what_could_lead_elsewhere_is_refused(identifier: str) -> None:
    with pytest.raises(DestinationError) as caught:
        address_for(identifier)

    assert caught.value.code == "configuration_invalid"
    assert "not a Snowflake account identifier" in str(caught.value)


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[a-z.@:/#?-]{1,40}", fullmatch=True)))
def test_a_host_is_always_under_snowflakes_domains(identifier: str) -> None:
    try:
        host = address_for(identifier).host
    except SyncError:
        return

    assert host.endswith((".snowflakecomputing.com", ".snowflakecomputing.cn"))
    assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert all(0 < len(label) < 64 for label in host.split("."))


def test_the_account_goes_with_the_log_in() -> None:
    assert address_for("MyOrg-My_Account.snowflakecomputing.com") == Address(
        "myorg-my_account", "myorg-my-account.snowflakecomputing.com", 443, "https"
    )


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://127.0.0.1:1234", Address("acme-1", "127.0.0.1", 1234, "http")),
        ("http://127.0.0.1:1234/", Address("acme-1", "127.0.0.1", 1234, "http")),
        ("https://proxy.internal", Address("acme-1", "proxy.internal", 443, "https")),
        ("http://[::1]:80", Address("acme-1", "[::1]", 80, "http")),
    ],
)
def test_the_operators_endpoint_takes_snowflakes_place(endpoint: str, address: Address) -> None:
    assert address_for("acme-1", endpoint) == address


@pytest.mark.parametrize(
    "endpoint",
    [
        "127.0.0.1:1234",
        "ftp://x",
        "http://",
        "http://x:y",
        "http://u:p@x",
        "http://x/path",
        "http://x?q",
        "http://x:99999",
    ],
)
def test_a_bad_endpoint_is_an_error(endpoint: str) -> None:
    with pytest.raises(DestinationError, match="SNOWFLAKE_ENDPOINT"):
        address_for("acme-1", endpoint)


def test_an_endpoint_does_not_excuse_a_bad_account() -> None:
    with pytest.raises(DestinationError, match="not a Snowflake account identifier"):
        address_for("evil.com", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("pasted", "account"),
    [
        (" myorg-account1\n", "myorg-account1"),
        ("MYORG-My_Account", "myorg-my_account"),
        ("xy12345.eu-central-1.aws", "xy12345.eu-central-1.aws"),
        ("myorg-account1.snowflakecomputing.com", "myorg-account1"),
        ("https://myorg-account1.snowflakecomputing.com", "myorg-account1"),
        ("https://MyOrg-Account1.snowflakecomputing.com:443/console/login#/?x=1", "myorg-account1"),
        ("https://xy12345.eu-central-1.privatelink.snowflakecomputing.com/", "xy12345.eu-central-1.privatelink"),
        ("https://xy12345.cn-northwest-1.aws.snowflakecomputing.cn", "xy12345.cn-northwest-1.aws"),
        ("https://myorg-account1.snowflakecomputing.cn", "myorg-account1.snowflakecomputing.cn"),
        ("https://app.snowflake.com/myorg/account1/#/homepage", "myorg-account1"),
        ("https://app.snowflake.com/us-east-1/xy12345", "xy12345.us-east-1"),
    ],
)
def test_what_people_paste(pasted: str, account: str) -> None:
    assert account_from(pasted) == account
    assert account_from(account) == account


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "evil.com",
        "http://myorg-account1.snowflakecomputing.com",
        "https://evil.com",
        "https://evil.com/.snowflakecomputing.com",
        "https://evil.com\\.snowflakecomputing.com",
        "https://evil.com#.snowflakecomputing.com",
        "https://u:p@myorg-account1.snowflakecomputing.com",
        "https://myorg-account1.snowflakecomputing.com:8443",
        "https://myorg-account1.snowflakecomputing.com.evil.com/",
        "https://app.snowflake.com.evil.com/myorg/account1",
        "https://app.snowflake.com/",
        "https://app.snowflake.com/myorg",
        "https://app.snowflake.com/evil.com/x",
        "https://app.snowflake.com/myorg/%2e%2e",
        "https://snowflakecomputing.com",
        "https://evil.com\n.snowflakecomputing.com",
        "https://myorg\n-account1.snowflakecomputing.com",
        "https://app.snowflake.com/my\torg/account1",
        "https://[::1]",
        "https://x:y",
        "ftp://myorg-account1.snowflakecomputing.com",
    ],
)
def test_what_people_should_not_paste(pasted: str) -> None:
    with pytest.raises(DestinationError, match="not a Snowflake account identifier"):
        account_from(pasted)


_PIECES = ["https://", "http://", "app.snowflake.com", "/", "myorg", "acc", ".", "-", "evil.com", "@", ":", "443", "#"]
_PIECES += [
    ".snowflakecomputing.com",
    ".snowflakecomputing.cn",
    "us-east-1",
    "?",
    "\\",
    "\n",
    "\t",
    "%2e",
    " ",
    "[",
    "]",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_PIECES), max_size=9).map("".join)))
def test_nothing_that_is_accepted_leads_elsewhere(pasted: str) -> None:
    try:
        account = account_from(pasted)
    except SyncError:
        return

    host = address_for(account).host
    assert host.endswith((".snowflakecomputing.com", ".snowflakecomputing.cn"))
    assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert all(0 < len(label) < 64 for label in host.split("."))
    assert account_from(account) == account
