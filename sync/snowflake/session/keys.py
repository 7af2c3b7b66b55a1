"""Key pairs: made here, or brought along; the private half in PEM, the public one as Snowflake takes it.

docs.snowflake.com/en/user-guide/key-pair-auth
"""

import base64
import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from sync.snowflake.session.credentials import KeyPair

BITS = 2048  # what Snowflake wants at least, and its documentation uses


def make_private_key() -> str:
    """A new private key: PEM, PKCS#8, not encrypted."""
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=BITS))


def read_private_key(private_key: str, passphrase: str = "") -> str:
    """Somebody's own private key in the same form, without its passphrase. Raises configuration_invalid."""
    return _pem(serialization.load_der_private_key(KeyPair.read("", private_key, passphrase).private_key, None))


def public_key_of(private_key: str | bytes) -> str:
    """The public half as `RSA_PUBLIC_KEY` takes it: Base64 of its DER, in one line.

    Raises configuration_invalid for what is no private key.
    """
    key = serialization.load_der_private_key(KeyPair.read("", private_key).private_key, None)
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def fingerprint_of(public_key: str) -> str:
    """What DESCRIBE USER shows as RSA_PUBLIC_KEY_FP for a public key: by it a key is known in Snowflake."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(base64.b64decode(public_key)).digest()).decode()


def _pem(key: PrivateKeyTypes) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
