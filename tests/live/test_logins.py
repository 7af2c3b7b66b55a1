"""Log-ins of each kind, and what a session then is."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sync.errors import SyncError
from sync.snowflake.identifiers import Exact, literal, quote
from sync.snowflake.session import Session
from sync.snowflake.session.credentials import KeyPair
from sync.snowflake.session.destination import Limits, session_parameters
from sync.snowflake.session.failures import errno_of
from sync.snowflake.session.keys import make_private_key, public_key_of
from tests.live.account import Account
from tests.live.settings import Method, credentials, secrets_given


@pytest.mark.parametrize("method", [Method.KEY_PAIR, Method.ACCESS_TOKEN, Method.PASSWORD])
def test_log_in(account: Account, method: Method) -> None:
    """A user of the account logs in in this way."""
    if (secret := secrets_given().get(method)) is None:
        pytest.skip(f"the variables name no {method.label}")
    user = account.destination.credentials.user
    Session(replace(account.destination, credentials=credentials(user, method, secret))).close()


def new_user(admin: Account, what: str, private_key: str) -> str:
    """A service user of this run with that key and the role of the configuration."""
    user = admin.name(what)
    admin.administer(
        f"CREATE USER {quote(user)} TYPE = SERVICE DEFAULT_ROLE = {quote(admin.destination.role)}",
        f"ALTER USER {quote(user)} SET RSA_PUBLIC_KEY = {literal(public_key_of(private_key))}",
        f"GRANT ROLE {quote(admin.destination.role)} TO USER {quote(user)}",
        undo=[f"DROP USER IF EXISTS {quote(user)}"],
    )
    return user


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_an_elliptic_key_logs_in(admin: Account, curve: ec.EllipticCurve) -> None:
    """A service user logs in with a key on this curve."""
    formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key = ec.generate_private_key(curve).private_bytes(*formats).decode()
    user = new_user(admin, curve.name.upper(), key)
    Session(replace(admin.destination, credentials=KeyPair.read(user, key))).close()


def test_a_wrong_key_is_refused(admin: Account) -> None:
    """A key that the user does not have is refused with 390144, which reads as login_refused."""
    user = new_user(admin, "WRONG_KEY", make_private_key())
    with pytest.raises(SyncError) as caught:
        Session(replace(admin.destination, credentials=KeyPair.read(user, make_private_key())))
    assert (caught.value.code, errno_of(caught.value)) == ("login_refused", 390144)


def test_a_role_that_is_not_granted(account: Account) -> None:
    """A log-in with a role that the user does not have is refused, which reads as role_missing."""
    with pytest.raises(SyncError) as caught:
        Session(replace(account.destination, role=Exact(account.name("NO_ROLE"))))
    assert caught.value.code == "role_missing"


def test_an_account_that_is_not_there(account: Account) -> None:
    """An account that does not exist reads as account_unknown or as out of reach, within the time for a log-in."""
    with pytest.raises(SyncError) as caught:
        Session(replace(account.destination, account="no-such-organization-no-such-account"))
    assert caught.value.code in {"account_unknown", "snowflake_unreachable"}


def test_the_log_in_sets_the_session_up(session: Session, account: Account) -> None:
    """The parameters that go with the log-in hold in the session, without a statement."""
    wanted = session_parameters(Limits()) | {"CLIENT_SESSION_KEEP_ALIVE": False}
    rows = session.execute("SHOW PARAMETERS IN SESSION", "look at the parameters").rows
    found = {row["key"]: row["value"] for row in rows if row["key"] in wanted}
    differ = {name for name, value in wanted.items() if found.get(name, "").lower() != str(value).lower()}
    assert differ <= {"CLIENT_TELEMETRY_ENABLED"}
    assert found["QUERY_TAG"] == wanted["QUERY_TAG"]


def test_the_log_in_goes_to_a_place_with_a_quoted_name(account: Account) -> None:
    """Names that need quotes work in a log-in."""
    schema = f"{account.run} in lower case"
    with account.another_schema(schema), account.session(schema=Exact(schema)) as session:
        (row,) = session.execute("SELECT CURRENT_SCHEMA() AS S", "ask").rows
        assert row["s"] == schema
