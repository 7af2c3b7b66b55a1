"""Key pairs: made here, or brought along."""

import base64
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sync.errors import SyncError
from sync.snowflake.session.credentials import KeyPair
from sync.snowflake.session.keys import fingerprint_of, make_private_key, public_key_of, read_private_key


def test_a_key_that_is_made_is_one_that_snowflake_takes() -> None:
    private = make_private_key()
    assert private.startswith("-----BEGIN PRIVATE KEY-----")
    assert KeyPair.read("ann", private).private_key
    public = public_key_of(private)
    loaded = serialization.load_der_public_key(base64.b64decode(public, validate=True))
    assert isinstance(loaded, rsa.RSAPublicKey)
    assert loaded.key_size >= 2048
    assert make_private_key() != private


def test_the_public_half_is_what_openssl_says_it_is() -> None:
    private = make_private_key()
    pem = subprocess.run(
        ["openssl", "rsa", "-pubout"], input=private, capture_output=True, text=True, check=True
    ).stdout
    assert "".join(pem.splitlines()[1:-1]) == public_key_of(private)
    der = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=private.encode(), capture_output=True, check=True
    ).stdout
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary"], input=der, capture_output=True, check=True
    ).stdout
    assert fingerprint_of(public_key_of(private)) == "SHA256:" + base64.b64encode(digest).decode()


def test_a_passphrase_is_needed_once() -> None:
    key = rsa.generate_private_key(65537, 2048)
    hidden = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"open")
    ).decode()
    kept = read_private_key(hidden, "open")
    assert "ENCRYPTED" not in kept
    assert public_key_of(kept) == public_key_of(read_private_key(kept))
    for passphrase in ("", "wrong"):
        with pytest.raises(SyncError) as refused:
            read_private_key(hidden, passphrase)
        assert refused.value.code == "configuration_invalid"
        assert hidden[40:80] not in str(refused.value)


def test_a_public_key_is_no_private_one() -> None:
    public = f"-----BEGIN PUBLIC KEY-----\n{public_key_of(make_private_key())}\n-----END PUBLIC KEY-----"
    with pytest.raises(SyncError, match="is a public key"):
        read_private_key(public)
