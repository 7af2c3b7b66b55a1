"""Private keys: made here, or brought along; and their public halves as Snowflake takes them.

docs.snowflake.com/en/user-guide/key-pair-auth
"""

import base64
import hashlib

from asn1crypto import keys, pem
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, SECP521R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from sync.errors import SyncError, failure

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey

BITS = 2048  # what Snowflake wants at least, and its documentation uses
# The connector signs with these since 4.5.
_CURVES = (SECP256R1, SECP384R1, SECP521R1)
_REMEDY = (
    "Enter the whole private key (PEM; RSA of 2048 to 4096 bits, or ECDSA on P-256, P-384 or P-521) and its "
    "passphrase, if it has one, in the destination."
)
# Reading a key stops every thread of the process meanwhile: with 8192 bits for many seconds, and with as many rounds of
# its passphrase's hash as it says itself for hours.
_LONGEST_KEY = 4_000
_MOST_ROUNDS = 1_000_000
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


def make_private_key() -> str:
    """A new private key: PEM, PKCS#8, not encrypted."""
    return _written(rsa.generate_private_key(public_exponent=65537, key_size=BITS), Encoding.PEM).decode()


def read_private_key(private_key: str, passphrase: str = "") -> str:
    """Somebody's own private key in the same form, without its passphrase. Raises configuration_invalid."""
    return _written(_read(private_key, passphrase), Encoding.PEM).decode()


def der_of(private_key: str | bytes, passphrase: str = "") -> bytes:
    """The private key as the connector takes it, from PEM or DER, encrypted or not. Raises configuration_invalid."""
    return _written(_read(private_key, passphrase), Encoding.DER)


def public_key_of(private_key: str | bytes) -> str:
    """The public half as `RSA_PUBLIC_KEY` takes it: Base64 of its DER, in one line.

    Raises configuration_invalid for what is no private key.
    """
    der = _read(private_key).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def fingerprint_of(public_key: str) -> str:
    """What DESCRIBE USER shows as RSA_PUBLIC_KEY_FP for a public key: by it a key is known in Snowflake."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(base64.b64decode(public_key)).digest()).decode()


def _written(key: PrivateKey, encoding: Encoding) -> bytes:
    return key.private_bytes(encoding, PrivateFormat.PKCS8, NoEncryption())


def _read(private_key: str | bytes, passphrase: str = "") -> PrivateKey:
    raw = private_key.encode() if isinstance(private_key, str) else private_key
    key = _load(raw, passphrase.encode() or None)
    if not isinstance(key, PrivateKey):
        raise _bad_key("The private key is of a kind that Snowflake does not know")
    if isinstance(key, EllipticCurvePrivateKey) and not isinstance(key.curve, _CURVES):
        raise _bad_key(f"The private key is on the curve {key.curve.name}, which Snowflake does not know")
    if isinstance(key, RSAPrivateKey) and key.key_size < BITS:
        raise _bad_key(f"The private key has {key.key_size} bits; Snowflake wants 2048 at least")
    return key


def _load(raw: bytes, passphrase: bytes | None) -> object:
    if b"PUBLIC KEY" in raw:
        raise _bad_key("What was entered as the private key is a public key")
    if b"OPENSSH PRIVATE KEY" in raw:
        raise _bad_key("The private key is in OpenSSH's form, which Snowflake does not take")
    if len(raw) > _LONGEST_KEY:
        raise _bad_key("The private key is longer than one of 4096 bits")
    if passphrase and (b"-----BEGIN" not in raw or _ENCRYPTED in raw):
        raw = _opens_soon(raw)
    try:
        if b"-----BEGIN" in raw:
            return load_pem_private_key(raw.strip(), passphrase)
        return load_der_private_key(raw, passphrase)
    except TypeError:
        # The library's word for a passphrase that is missing, or given and not needed.
        if passphrase:
            return _load(raw, None)
        raise _bad_key("The private key is encrypted, and there is no passphrase for it") from None
    except (ValueError, UnsupportedAlgorithm):
        why = "; the passphrase may be wrong" if passphrase else ""
        raise _bad_key(f"The private key cannot be read{why}") from None


def _opens_soon(raw: bytes) -> bytes:
    """The DER of an encrypted key that says how often its passphrase is hashed, and not too often."""
    try:
        der = pem.unarmor(raw)[2] if _ENCRYPTED in raw else raw
        if keys.EncryptedPrivateKeyInfo.load(der)["encryption_algorithm"].kdf_iterations <= _MOST_ROUNDS:
            return der
    except (ValueError, TypeError, KeyError):  # scrypt among them, whose cost has three figures
        pass
    raise _bad_key("The private key's passphrase takes too long to try, or is hashed in a way that is not known")


def _bad_key(happened: str) -> SyncError:
    return failure("configuration_invalid", happened, remedy=_REMEDY)
