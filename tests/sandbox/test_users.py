"""The stand-in holds log-ins with a key pair against the user's two public keys, and knows DROP STAGE."""

import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from snowflake.connector.errors import DatabaseError, ProgrammingError

from sync.snowflake.session.credentials import KeyPair
from sync.snowflake.session.keys import make_private_key, public_key_of
from tests.conftest import Snowflake


@pytest.fixture
def user() -> str:
    return f"USER_{uuid.uuid4().hex[:8].upper()}"


def log_in(snowflake: Snowflake, user: str, private_key: str) -> None:
    key: dict[str, Any] = KeyPair.read(user, private_key).arguments() | {"password": None}
    snowflake.connect(**key)


def give(snowflake: Snowflake, user: str, private_key: str, slot: str = "RSA_PUBLIC_KEY") -> None:
    snowflake.rows(f"ALTER USER \"{user}\" SET {slot}='{public_key_of(private_key)}'")


def test_either_of_the_two_keys_gets_in_and_no_other(snowflake: Snowflake, user: str) -> None:
    first, second, other = (make_private_key() for _ in range(3))
    log_in(snowflake, user, other)  # a user who was never given a key
    give(snowflake, user, first)
    give(snowflake, user, second, "RSA_PUBLIC_KEY_2")
    log_in(snowflake, user, first)
    log_in(snowflake, user.lower(), second)
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        log_in(snowflake, user, other)
    snowflake.rows(f'ALTER USER "{user}" UNSET RSA_PUBLIC_KEY')
    log_in(snowflake, user, second)
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        log_in(snowflake, user, first)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_keys_on_the_curves_that_snowflake_takes(snowflake: Snowflake, user: str, curve: ec.EllipticCurve) -> None:
    mine, other = (private_pem(ec.generate_private_key(curve)) for _ in range(2))
    give(snowflake, user, mine)
    log_in(snowflake, user, mine)
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        log_in(snowflake, user, other)


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def test_somebody_else_s_key_does_not_get_in(snowflake: Snowflake, user: str) -> None:
    mine, theirs = make_private_key(), make_private_key()
    give(snowflake, user, mine)
    give(snowflake, f"{user}_2", theirs)
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        log_in(snowflake, user, theirs)


def test_a_stage_that_is_dropped_is_gone_with_its_files(snowflake: Snowflake, tmp_path: Any) -> None:
    (tmp_path / "a.csv").write_text("1\n")
    stage = f'"{snowflake.database}"."PUBLIC"."S"'
    snowflake.rows(f"CREATE STAGE {stage}")
    snowflake.rows(f"PUT 'file://{tmp_path}/a.csv' @{stage}")
    assert len(snowflake.rows(f"LIST @{stage}")) == 1
    assert snowflake.rows(f"DROP STAGE IF EXISTS {stage}") == [("S successfully dropped.",)]
    with pytest.raises(ProgrammingError, match="does not exist"):
        snowflake.rows(f"LIST @{stage}")
    snowflake.rows(f"DROP STAGE IF EXISTS {stage}")
    with pytest.raises(ProgrammingError, match="does not exist"):
        snowflake.rows(f"DROP STAGE {stage}")
    snowflake.rows(f"CREATE STAGE {stage}")
    assert snowflake.rows(f"LIST @{stage}") == []
