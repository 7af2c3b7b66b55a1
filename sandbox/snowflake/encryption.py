"""Files on their way into a stage: the connector encrypts them, as Snowflake's own stages have it by default."""

import json
from io import BytesIO

from snowflake.connector.constants import EncryptionMetadata
from snowflake.connector.encryption_util import SnowflakeEncryptionUtil
from snowflake.connector.storage_client import SnowflakeFileEncryptionMaterial

# A key that everybody may know: what is held here is a sandbox's.
_MATERIAL = SnowflakeFileEncryptionMaterial("c2FuZGJveC1vbmx5LWtleQ==", query_id="sandbox", smk_id=1)
# What the answer to PUT gives the connector to encrypt with.
MATERIAL = {
    "queryStageMasterKey": _MATERIAL.query_stage_master_key,
    "queryId": _MATERIAL.query_id,
    "smkId": str(_MATERIAL.smk_id),
}
_PREFIX = "x-goog-meta-"


def decrypted(headers: dict[str, str], body: bytes) -> bytes:
    """What was uploaded, as it was before the connector encrypted it."""
    described = headers.get(f"{_PREFIX}encryptiondata")
    if not described:
        return body
    data = json.loads(described)
    key = EncryptionMetadata(
        key=data["WrappedContentKey"]["EncryptedKey"],
        iv=data["ContentEncryptionIV"],
        matdesc=headers[f"{_PREFIX}matdesc"],
    )
    plain = BytesIO()
    SnowflakeEncryptionUtil.decrypt_stream(key, _MATERIAL, BytesIO(body), plain)
    return plain.getvalue()
