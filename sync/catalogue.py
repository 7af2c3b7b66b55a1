"""The catalogue of errors: code → meaning → what to do → class. Raised through `sync.errors.failure`."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    DESTINATION = "destination"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the catalogue: a stable code, its meaning, what to do, and whether another try can help.

    `pause`: seconds that a destination pauses at first, doubled with each failure in a row. `refuses`: Snowflake said
    no to the credentials, and counts how often it did.
    """

    code: str
    kind: Kind
    meaning: str
    remedy: str
    pause: float = 60.0
    refuses: bool = False


_ENTRIES = (
    # The application's data
    Entry(
        "no_owner",
        Kind.PERMANENT,
        "The execution's workflow has no user, so there is nobody whose Snowflake account it could go to.",
        "Give the workflow an owner (workflows.user_id), then retry the item.",
    ),
    Entry(
        "no_destination",
        Kind.PERMANENT,
        "The owner has no active Snowflake configuration.",
        "Add or activate a Snowflake configuration; what was skipped is then picked up by itself.",
    ),
    Entry(
        "destination_inactive",
        Kind.PERMANENT,
        "The Snowflake configuration was switched off.",
        "Activate the configuration; what was skipped is then picked up by itself.",
    ),
    Entry("skipped_by_hand", Kind.PERMANENT, "Skipped by hand.", "Nothing; to load it after all, retry the item."),
    Entry(
        "owner_changed",
        Kind.PERMANENT,
        "The execution's workflow belongs to another user by now, whose results are not loaded into this destination.",
        "Nothing: new results go to the new owner's destinations.",
    ),
    Entry(
        "execution_not_visible",
        Kind.PERMANENT,
        "The worker's database role does not see the execution.",
        "Row-level security hides it: let the worker's role bypass it (ALTER ROLE … BYPASSRLS) or add a policy, "
        "check with verify_sync_install, then retry the item.",
    ),
    Entry(
        "not_completed",
        Kind.PERMANENT,
        "The execution is no longer completed.",
        "Nothing: it is queued again when it completes.",
    ),
    Entry(
        "no_results",
        Kind.PERMANENT,
        "The execution completed without results.",
        "Check what the workflow writes to result_columns and result_rows; new results are queued by themselves.",
    ),
    Entry(
        "incomplete_result",
        Kind.PERMANENT,
        "The application kept fewer rows than the result had.",
        "Make the application keep all rows (result_rows) or correct result_total_rows, then retry the item.",
    ),
    Entry(
        "malformed_result",
        Kind.PERMANENT,
        "result_columns or result_rows is not of the documented form.",
        'Write result_columns as [{"name", "type"}, …] and result_rows as an array of objects or of arrays, '
        "one value a column, then retry the item.",
    ),
    Entry(
        "undeclared_key",
        Kind.PERMANENT,
        "A row has a key that result_columns does not declare; loading would drop it unseen.",
        "Declare the key in result_columns or take it out of the rows, then retry the item.",
    ),
    Entry(
        "value_does_not_fit",
        Kind.PERMANENT,
        "A value cannot be held by its column's type without changing it.",
        "Correct the value or declare a type in result_columns that holds it, then retry the item.",
    ),
    Entry(
        "unsupported_columns",
        Kind.PERMANENT,
        "The result has more columns than a Snowflake load or PostgreSQL can carry.",
        "Return fewer columns, or nest some of them in a json column, then retry the item.",
    ),
    # The destination's table
    Entry(
        "table_not_ours",
        Kind.PERMANENT,
        "A table of that name exists in Snowflake and was not made by this sync; it is left alone.",
        "Rename or drop that table in Snowflake, or give the execution another snowflake_table_name, then retry.",
    ),
    Entry(
        "target_refused",
        Kind.PERMANENT,
        "The schema or table that the execution asks for is not there, or the role may not use it.",
        "Correct the execution's snowflake_schema_name and snowflake_table_name, or grant the role what it lacks, "
        "then retry the item.",
    ),
    Entry(
        "table_conflict",
        Kind.PERMANENT,
        "The shared table has a column whose type cannot hold the result's.",
        "Declare the column with the table's type, or write to another table, then retry the item.",
    ),
    Entry(
        "load_not_verified",
        Kind.TRANSIENT,
        "Snowflake's answer does not say that every row sent was loaded.",
        "It is tried again by itself; if it stays, look at the query in Snowflake's history.",
    ),
    Entry(
        "load_rejected",
        Kind.PERMANENT,
        "Snowflake refused a value of the result.",
        "Correct the value or the column's type in result_columns, then retry the item.",
    ),
    Entry(
        "statement_rejected",
        Kind.PERMANENT,
        "Snowflake refused a statement.",
        "Look at the query in Snowflake's history; if the statement is at fault, report it.",
    ),
    # Snowflake and the way to it
    Entry(
        "snowflake_unreachable",
        Kind.DESTINATION,
        "No connection to Snowflake could be made.",
        "Check the network, the account identifier and status.snowflake.com; it is tried again by itself.",
        pause=5.0,
    ),
    Entry(
        "snowflake_unavailable",
        Kind.TRANSIENT,
        "Snowflake answered with a server error, or not in time.",
        "It is tried again by itself; if it stays, look at status.snowflake.com.",
    ),
    Entry(
        "session_lost",
        Kind.TRANSIENT,
        "The Snowflake session ended.",
        "It is tried again by itself, with a new log-in.",
    ),
    Entry(
        "upload_failed",
        Kind.TRANSIENT,
        "The file could not be uploaded to the stage's cloud storage.",
        "It is tried again by itself; if it stays, let the workers reach the storage's host (SYSTEM$ALLOWLIST() in "
        "Snowflake lists it).",
    ),
    Entry(
        "lock_wait",
        Kind.TRANSIENT,
        "Other statements hold the table in Snowflake.",
        "It is tried again by itself.",
    ),
    Entry(
        "statement_cancelled",
        Kind.TRANSIENT,
        "The statement was cancelled or ran into a time limit in Snowflake.",
        "It is tried again by itself; if it stays, use a larger warehouse or raise its statement time limit.",
    ),
    Entry(
        "table_gone",
        Kind.TRANSIENT,
        "The table or stage no longer exists in Snowflake, or the role may no longer see it.",
        "It is made again by itself; if it stays, check the role's grants on the schema.",
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
    # Our own
    Entry(
        "worker_died",
        Kind.TRANSIENT,
        "The worker that had claimed the item stopped without finishing it.",
        "It is tried again by itself; look at the worker's log if it happens often.",
    ),
    Entry(
        "database_unavailable",
        Kind.TRANSIENT,
        "The connection to PostgreSQL was lost.",
        "It is tried again by itself.",
    ),
    Entry(
        "unexpected",
        Kind.TRANSIENT,
        "Something happened that this program does not know.",
        "It is tried again by itself; the worker's log has the details.",
    ),
)

CATALOGUE: dict[str, Entry] = {entry.code: entry for entry in _ENTRIES}


def message_of(code: str) -> str:
    """What stands in an item's error_message where nothing more is known than the code."""
    entry = CATALOGUE[code]
    return f"{entry.meaning} {entry.remedy}"
