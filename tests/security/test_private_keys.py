"""A private key that somebody sends is read while no other thread runs: it must not say itself for how long."""

import subprocess

import pytest
from asn1crypto import keys, pem
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sync.errors import SyncError
from sync.snowflake.session.credentials import KeyPair

PASSPHRASE = b"open sesame"
KEY = rsa.generate_private_key(65537, 2048)


def encrypted(rounds: int) -> str:
    """The key, with a header that says so many rounds."""
    der = KEY.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSPHRASE),
    )
    found = keys.EncryptedPrivateKeyInfo.load(der)
    found["encryption_algorithm"]["parameters"]["key_derivation_func"]["parameters"]["iteration_count"] = rounds
    return str(pem.armor("ENCRYPTED PRIVATE KEY", found.dump(force=True)), "ascii")


def by_openssl(*how: str) -> str:
    plain = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    command = ["openssl", "pkcs8", "-topk8", *how, "-passout", f"pass:{PASSPHRASE.decode()}"]
    return subprocess.run(command, input=plain, capture_output=True, check=True).stdout.decode()


def refusal(private_key: str) -> str:
    with pytest.raises(SyncError) as caught:
        KeyPair.read("ann", private_key, PASSPHRASE.decode())
    return caught.value.happened


@pytest.mark.timeout(20)
def test_a_passphrase_that_takes_hours_is_not_tried() -> None:
    assert "takes too long" in refusal(encrypted(2**31 - 1))
    first = "-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n"
    assert "takes too long" in refusal(first + encrypted(2**31 - 1))
    assert "takes too long" in refusal(encrypted(2**31 - 1) + encrypted(2048))


@pytest.mark.parametrize("how", [("-v2", "des3"), ("-v2", "aes-256-cbc"), ("-v2", "aes256", "-iter", "600000")])
def test_what_the_documentation_of_snowflake_makes_is_read(how: tuple[str, ...]) -> None:
    read = KeyPair.read("ann", by_openssl(*how), PASSPHRASE.decode()).private_key
    assert serialization.load_der_private_key(read, None).private_numbers() == KEY.private_numbers()  # type: ignore[union-attr]


def test_what_has_no_rounds_that_are_known_is_refused() -> None:
    assert "not known" in refusal(by_openssl("-scrypt"))
    assert "OpenSSH" in refusal("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----")


def test_a_key_that_takes_half_a_minute_to_read_is_refused() -> None:
    body = "\n".join(["A" * 64] * 98)
    assert "4096 bits" in refusal(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
