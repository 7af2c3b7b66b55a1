"""Errors of a destination: Snowflake, the way to it, and the configuration."""

from sync.catalogue.entry import Entry, Kind

ENTRIES = (
    Entry(
        "snowflake_unreachable",
        Kind.DESTINATION,
        "No connection to Snowflake could be made.",
        "Check the network, the account identifier and status.snowflake.com; its items wait for that.",
        pause=5.0,
    ),
    Entry(
        "snowflake_unavailable",
        Kind.TRANSIENT,
        "Snowflake answered with a server error, or not in time.",
        "Look at status.snowflake.com; when Snowflake answers again, retry the item.",
    ),
    Entry(
        "session_lost",
        Kind.TRANSIENT,
        "The Snowflake session ended.",
        "Look at the user's log-ins and session policy in Snowflake, then retry the item.",
    ),
    Entry(
        "upload_failed",
        Kind.TRANSIENT,
        "The file could not be uploaded to the stage's cloud storage.",
        "Let the workers reach the storage's host (SYSTEM$ALLOWLIST() in Snowflake lists it), then retry the item.",
    ),
    Entry(
        "lock_wait",
        Kind.TRANSIENT,
        "Other statements hold the table in Snowflake.",
        "See who holds it (SHOW LOCKS IN ACCOUNT in Snowflake) and end that, then retry the item.",
    ),
    Entry(
        "statement_cancelled",
        Kind.TRANSIENT,
        "The statement was cancelled or ran into a time limit in Snowflake.",
        "Use a larger warehouse or raise its statement time limit, then retry the item.",
    ),
    Entry(
        "table_gone",
        Kind.TRANSIENT,
        "The table or stage no longer exists in Snowflake, or the role may no longer see it.",
        "Check the role's grants on the schema, then retry the item: what is gone is made again.",
    ),
    Entry(
        "login_refused",
        Kind.DESTINATION,
        "Snowflake refused the log-in.",
        "Enter valid credentials in the Snowflake configuration; its items wait for that.",
        pause=900.0,
        refuses=True,
    ),
    Entry(
        "role_missing",
        Kind.DESTINATION,
        "The role of the configuration does not exist, or is not granted to the user.",
        "Grant the role to the user, or enter another in the Snowflake configuration; its items wait for that.",
        pause=900.0,
        refuses=True,
    ),
    Entry(
        "account_unknown",
        Kind.DESTINATION,
        "Snowflake has no account of that name, or something on the way refuses the connection.",
        "Check the account identifier, and whether a proxy or a network policy is in the way; its items wait for that.",
        pause=300.0,
    ),
    Entry(
        "token_expired",
        Kind.DESTINATION,
        "The access token has expired or is not valid.",
        "Enter a new token in the Snowflake configuration; its items wait for that.",
        pause=900.0,
        refuses=True,
    ),
    Entry(
        "network_policy",
        Kind.DESTINATION,
        "A network policy of the Snowflake account refuses this address.",
        "Ask the account's administrator to allow the workers' addresses; its items wait for that.",
        pause=300.0,
    ),
    Entry(
        "privilege_missing",
        Kind.DESTINATION,
        "The role lacks a privilege in Snowflake.",
        "Grant it to the role of the Snowflake configuration; its items wait for that.",
    ),
    Entry(
        "warehouse_missing",
        Kind.DESTINATION,
        "No warehouse is there to run the statement.",
        "Create the warehouse or grant USAGE on it to the role; its items wait for that.",
    ),
    Entry(
        "database_missing",
        Kind.DESTINATION,
        "The database or schema of the configuration does not exist, or the role may not use it.",
        "Create it or grant USAGE on it to the role; its items wait for that.",
    ),
    Entry(
        "secret_unreadable",
        Kind.DESTINATION,
        "The stored secret cannot be opened with any of FIELD_ENCRYPTION_KEYS.",
        "Put the key that it was stored with back into FIELD_ENCRYPTION_KEYS, or enter the secret again.",
    ),
    Entry(
        "configuration_invalid",
        Kind.DESTINATION,
        "The Snowflake configuration is incomplete or contradicts itself.",
        "Correct the configuration; its items wait for that.",
    ),
    Entry(
        "key_not_registered",
        Kind.DESTINATION,
        "A new key pair was made, and its public key has to be given to the user in Snowflake first.",
        "Run the ALTER USER … SET RSA_PUBLIC_KEY statement of the configuration's set-up script in Snowflake, then "
        "check the configuration; its items wait for that.",
        pause=900.0,
    ),
    Entry(
        "paused_by_hand",
        Kind.DESTINATION,
        "The Snowflake configuration was paused by hand.",
        "Resume it in the admin; its items wait for that.",
    ),
)
