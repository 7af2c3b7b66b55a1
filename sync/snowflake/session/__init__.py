from sync.snowflake.session.account import account_from, address_for, query_address, table_address
from sync.snowflake.session.connection import Answer, LoginLock, Session
from sync.snowflake.session.credentials import AccessToken, Credentials, KeyPair, OAuthToken, Password, Stored
from sync.snowflake.session.destination import Destination, Limits
from sync.snowflake.session.driver import uploads_write_to
from sync.snowflake.session.failures import (
    NOT_FOUND,
    TABLE_EXISTS,
    errno_of,
    is_answer,
    is_other_than_known,
    is_stage_gone,
)
from sync.snowflake.session.keys import fingerprint_of, make_private_key, public_key_of, read_private_key
from sync.snowflake.session.pool import Pool

__all__ = [
    "NOT_FOUND",
    "TABLE_EXISTS",
    "AccessToken",
    "Answer",
    "Credentials",
    "Destination",
    "KeyPair",
    "Limits",
    "LoginLock",
    "OAuthToken",
    "Password",
    "Pool",
    "Session",
    "Stored",
    "account_from",
    "address_for",
    "errno_of",
    "fingerprint_of",
    "is_answer",
    "is_other_than_known",
    "is_stage_gone",
    "make_private_key",
    "public_key_of",
    "query_address",
    "read_private_key",
    "table_address",
    "uploads_write_to",
]
