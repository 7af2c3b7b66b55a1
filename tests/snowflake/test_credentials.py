"""Credentials and destinations: what goes to the connector, and what is never shown."""

import traceback
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sync.errors import DestinationError
from sync.snowflake.session import line_five, line_four
from sync.snowflake.session.account import Address
from sync.snowflake.session.credentials import AccessToken, Credentials, KeyPair, OAuthToken, Password
from sync.snowflake.session.destination import Destination, Limits, connect_arguments

SECRET = "s3cr3t-Zq81"
RSA = rsa.generate_private_key(65537, 2048)


def pem(key: object = RSA, passphrase: str = "") -> str:
    locked = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    return key.private_bytes(  # type: ignore[attr-defined, no-any-return]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked
    ).decode()


def der() -> bytes:
    return RSA.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def destination(credentials: Credentials | None = None) -> Destination:
    return Destination(
        account="acme-main",
        database="analytics",
        schema="public",
        warehouse="load-wh",
        role='"Loader"',
        credentials=credentials or Password("ann", SECRET),
    )


@pytest.mark.parametrize(
    "key",
    [
        pem(),
        f"\n{pem()}\n\n",
        pem().replace("\n", "\r\n"),
        der(),
        RSA.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ),
    ],
    ids=["pem", "blank lines", "windows", "der", "pkcs1"],
)
def test_a_private_key_becomes_der(key: str | bytes) -> None:
    assert KeyPair.read("ann", key).private_key == der()


def test_an_encrypted_key_is_opened() -> None:
    assert KeyPair.read("ann", pem(passphrase=SECRET), SECRET).private_key == der()


def test_a_passphrase_too_many_does_not_hurt() -> None:
    assert KeyPair.read("ann", pem(), SECRET).private_key == der()


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_elliptic_keys_are_taken(curve: ec.EllipticCurve) -> None:
    assert KeyPair.read("ann", pem(ec.generate_private_key(curve))).private_key


@pytest.mark.parametrize(
    ("key", "passphrase", "what"),
    [
        ("", "", "cannot be read"),
        ("not a key", "", "cannot be read"),
        (pem()[:200], "", "cannot be read"),
        (pem(passphrase=SECRET), "", "there is no passphrase"),
        (pem(passphrase=SECRET), "wrong", "the passphrase may be wrong"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "", "does not know"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "", "the curve secp256k1"),
        (pem(rsa.generate_private_key(65537, 1024)), "", "1024 bits"),
        ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", "", "a public key"),
    ],
    ids=["empty", "text", "cut", "no passphrase", "wrong passphrase", "ed25519", "curve", "short", "public"],
)
def test_a_broken_key_is_a_clear_error(key: str, passphrase: str, what: str) -> None:
    with pytest.raises(DestinationError, match=what) as caught:
        KeyPair.read("ann", key, passphrase)

    assert caught.value.code == "configuration_invalid"
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert "MII" not in shown


@pytest.mark.parametrize(
    ("credentials", "arguments"),
    [
        (Password("ann", SECRET), {"authenticator": "SNOWFLAKE", "user": "ann", "password": SECRET}),
        (AccessToken(SECRET), {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "token": SECRET}),
        (OAuthToken(SECRET, "ann"), {"authenticator": "OAUTH", "user": "ann", "token": SECRET}),
        (KeyPair("ann", b"k"), {"authenticator": "SNOWFLAKE_JWT", "user": "ann", "private_key": b"k"}),
    ],
)
def test_arguments(credentials: Credentials, arguments: dict[str, object]) -> None:
    assert credentials.arguments() == arguments


@pytest.mark.parametrize(
    ("credentials", "missing"),
    [
        (Password("", SECRET), "no user"),
        (Password("ann", ""), "no password"),
        (AccessToken(""), "no access token"),
        (OAuthToken(""), "no OAuth token"),
        (KeyPair("ann", b""), "no private key"),
    ],
)
def test_what_is_missing_is_named(credentials: Credentials, missing: str) -> None:
    with pytest.raises(DestinationError, match=missing):
        connect_arguments(destination(credentials), Limits())


@pytest.mark.parametrize(
    "credentials",
    [Password("ann", SECRET), AccessToken(SECRET), OAuthToken(SECRET), KeyPair("ann", SECRET.encode())],
)
def test_secrets_never_show(credentials: Credentials) -> None:
    shown = destination(credentials)
    for text in (repr(credentials), str(credentials), repr(shown), str(shown), shown.key):
        assert SECRET not in text


def test_names_are_read_as_snowflake_reads_them() -> None:
    arguments = connect_arguments(destination(), Limits())

    assert destination().database == "ANALYTICS"
    assert replace(destination(), account="other").role == "Loader"
    assert str(destination().table("T")) == '"ANALYTICS"."PUBLIC"."T"'
    assert str(destination().table("t", '"raw"')) == '"ANALYTICS"."raw"."t"'
    names = {name: arguments[name] for name in ("database", "schema", "warehouse", "role")}
    assert names == {
        "database": "ANALYTICS",
        "schema": "PUBLIC",
        "warehouse": '"load-wh"',
        "role": '"Loader"',
    }


@pytest.mark.parametrize("name", ["database", "schema"])
def test_a_destination_needs_a_place(name: str) -> None:
    with pytest.raises(DestinationError, match=f"no {name}"):
        connect_arguments(replace(destination(), **{name: ""}), Limits())  # type: ignore[arg-type]


def test_no_warehouse_and_role_means_the_users_own() -> None:
    arguments = connect_arguments(replace(destination(), warehouse="", role=""), Limits())
    assert not {"warehouse", "role"} & set(arguments)


def test_a_name_that_cannot_be_is_an_error() -> None:
    with pytest.raises(DestinationError, match="The schema cannot be right"):
        connect_arguments(replace(destination(), schema="x y" * 100), Limits())


@pytest.mark.parametrize(
    "change",
    [
        {"account": "acme-other"},
        {"database": "other"},
        {"schema": "other"},
        {"warehouse": "other"},
        {"role": ""},
        {"endpoint": "http://127.0.0.1:1"},
        {"credentials": Password("ann", "other")},
        {"credentials": Password("bob", SECRET)},
        {"credentials": AccessToken(SECRET, "ann")},
    ],
    ids=str,
)
def test_the_key_changes_with_whatever_matters(change: dict[str, object]) -> None:
    assert replace(destination(), **change).key != destination().key  # type: ignore[arg-type]


def test_the_key_stays_otherwise() -> None:
    assert replace(destination(), identifier_case="preserve").key == destination().key


def test_session_parameters_leave_nothing_to_the_account() -> None:
    parameters = connect_arguments(destination(), Limits(statement=70, lock=9))["session_parameters"]

    assert parameters == {
        "QUERY_TAG": '{"app":"universal-snowflake-sync"}',
        "TIMEZONE": "UTC",
        "ABORT_DETACHED_QUERY": True,
        "DATE_INPUT_FORMAT": "YYYY-MM-DD",
        "TIME_INPUT_FORMAT": "AUTO",
        "TIMESTAMP_INPUT_FORMAT": "AUTO",
        "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
        "STATEMENT_TIMEOUT_IN_SECONDS": 70,
        "LOCK_TIMEOUT": 9,
        "CLIENT_SESSION_KEEP_ALIVE": False,
        "CLIENT_TELEMETRY_ENABLED": False,
    }


@pytest.mark.parametrize("line", [line_four, line_five])
def test_both_lines_of_the_connector_get_time_limits(line: Any) -> None:
    limits = Limits(login=1, network=2, socket=3, statement=4)
    four = {"login_timeout": 1, "network_timeout": 2, "socket_timeout": 3}
    # The fewest seconds after which Snowflake answers something are 45, and its own limit comes first.
    five = {"login_timeout": 1, "request_timeout": 2, "connect_timeout": 3, "query_timeout": 12, "retry_timeout": 60}
    wanted = four if line is line_four else five

    assert wanted.items() <= line.arguments(limits, Address("acme", "acme.snowflakecomputing.com")).items()


@pytest.mark.parametrize("seconds", [30, 60, 90, 120, 300, 600, 900, 7200])
def test_limits_fit_into_a_lease(seconds: int) -> None:
    limits = Limits.within(seconds)

    assert limits.longest_statement <= seconds
    assert min(limits.login, limits.network, limits.socket, limits.statement, limits.lock) >= 1
    assert max(limits.login, limits.network, limits.lock) <= limits.statement
