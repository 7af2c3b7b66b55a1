"""Errors of a destination: Snowflake, the way to it, and the configuration."""

from sync.errors.entry import destination, transient

OF_DESTINATIONS = {
    "snowflake_unreachable": destination(
        "No connection to Snowflake could be made.",
        "Check the network, the account identifier and status.snowflake.com; its runs wait for that.",
        pause=5.0,
        ends_session=True,
        login_step="reach",
    ),
    "snowflake_unavailable": transient(
        "Snowflake answered with a server error, or not in time.",
        "Look at status.snowflake.com; when Snowflake answers again, retry the run.",
        ends_session=True,
    ),
    "session_lost": transient(
        "The Snowflake session ended.",
        "Look at the user's log-ins and session policy in Snowflake, then retry the run.",
        ends_session=True,
    ),
    "upload_failed": transient(
        "The file could not be uploaded to the stage's cloud storage.",
        "Let the workers reach the storage's host (SYSTEM$ALLOWLIST() in Snowflake lists it), then retry the run.",
    ),
    "lock_wait": transient(
        "Other statements hold the table in Snowflake.",
        "See who holds it (SHOW LOCKS IN ACCOUNT in Snowflake) and end that, then retry the run.",
        counts=False,
    ),
    "statement_cancelled": transient(
        "The statement was cancelled in Snowflake.",
        "See in Snowflake's query history who or what cancels it, then retry the run.",
    ),
    "statement_timeout": transient(
        "The statement ran into a time limit: the worker's, the warehouse's, the user's or the account's.",
        "The next try of a load has the time that SYNC_STATEMENT_SECONDS gives it: raise that, up to four hours. Other "
        "statements have the time that SYNC_LEASE_SECONDS gives them: 360 gives a statement 202 s, 600 gives it "
        "442 s, 758 and more give it 600 s. Or use a larger or less busy warehouse, and look at its "
        "STATEMENT_TIMEOUT_IN_SECONDS and STATEMENT_QUEUED_TIMEOUT_IN_SECONDS. Then retry the run.",
    ),
    "load_unsettled": transient(
        "An earlier load of the run may still be under way in Snowflake, and land late: its end was not seen yet.",
        "End it in Snowflake as the user who began it, or as ACCOUNTADMIN: SHOW TRANSACTIONS, then SELECT "
        "SYSTEM$ABORT_TRANSACTION(...) for the one that is named. If none is, or the destination has "
        "another user or account by now, the run goes on once Snowflake has ended it by itself, at the "
        "time that is named, or when the earlier one is entered again.",
        counts=False,
        wait=60.0,
    ),
    "stage_unreadable": transient(
        "Snowflake could not reach its stage's cloud storage.",
        "Look at status.snowflake.com, and at what restricts the account's internal stages (private endpoints, network "
        "rules), then retry the run.",
    ),
    "table_gone": transient(
        "The table or stage no longer exists in Snowflake, or the role may no longer see it.",
        "Check the role's grants on the schema, then retry the run: what is gone is made again.",
        grants_help=True,
    ),
    "login_refused": destination(
        "Snowflake refused the log-in.",
        "Enter valid credentials in the destination's settings; its runs wait for that.",
        pause=900.0,
        refuses=True,
    ),
    "method_refused": destination(
        "Snowflake does not take this way of logging in from the user: it asks for a second factor, or a policy "
        "forbids it.",
        "Use a key pair in the destination's settings, or let the user's authentication policy allow the method; its "
        "runs wait for that.",
        pause=900.0,
        refuses=True,
    ),
    "user_locked": destination(
        "Snowflake has locked the user for some minutes, after wrong log-ins.",
        "Wait, or run ALTER USER ... SET MINS_TO_UNLOCK = 0 in Snowflake; find out who logs in wrongly as this user. "
        "Its runs wait for that.",
        pause=900.0,
    ),
    "user_disabled": destination(
        "The user is disabled in Snowflake.",
        "Run ALTER USER ... SET DISABLED = FALSE in Snowflake, or enter another user in the destination's settings; "
        "its runs wait for that.",
        pause=900.0,
    ),
    "token_needs_policy": destination(
        "No network policy applies to the user, and without one Snowflake takes no programmatic access token.",
        "Give the user a network policy that allows the workers' addresses (ALTER USER ... SET NETWORK_POLICY = ...), "
        "or use a key pair; its runs wait for that.",
        pause=300.0,
    ),
    "clock_wrong": destination(
        "Snowflake refused the key pair's token, because it was signed at another time than Snowflake's.",
        "Set the clock of the worker's host (NTP); its runs wait for that.",
    ),
    "account_suspended": destination(
        "Snowflake has suspended the account, or its trial has ended.",
        "Its administrator settles that in Snowflake (Admin, Billing); its runs wait for that.",
        pause=900.0,
    ),
    "role_missing": destination(
        "The destination's role does not exist, or is not granted to the user.",
        "Grant the role to the user, or enter another in the destination's settings; its runs wait for that.",
        pause=900.0,
        refuses=True,
        grants_help=True,
        login_step="role",
    ),
    "account_unknown": destination(
        "Snowflake has no account of that name, or something on the way refuses the connection.",
        "Check the account identifier, and whether a proxy or a network policy is in the way; its runs wait for that.",
        pause=300.0,
        login_step="reach",
    ),
    "token_expired": destination(
        "The access token has expired or is not valid.",
        "Enter a new token in the destination's settings; its runs wait for that.",
        pause=900.0,
        refuses=True,
    ),
    "network_policy": destination(
        "A network policy of the Snowflake account refuses this address.",
        "Ask the account's administrator to allow the workers' addresses; its runs wait for that.",
        pause=300.0,
    ),
    "privilege_missing": destination(
        "The role lacks a privilege in Snowflake.",
        "Grant it to the destination's role; its runs wait for that.",
        of_target=True,
        grants_help=True,
    ),
    "warehouse_missing": destination(
        "No warehouse is there to run the statement.",
        "Create the warehouse or grant USAGE on it to the role; its runs wait for that.",
        grants_help=True,
        login_step="warehouse",
    ),
    "warehouse_suspended": destination(
        "The warehouse is suspended, and does not resume by itself for this role.",
        "Run ALTER WAREHOUSE ... SET AUTO_RESUME = TRUE, or resume it, or grant OPERATE on it to the role; its runs "
        "wait for that.",
    ),
    "warehouse_quota": destination(
        "The resource monitor of the warehouse has used up its quota.",
        "Raise the quota (ALTER RESOURCE MONITOR ... SET CREDIT_QUOTA = ...), use another warehouse, or wait for the "
        "monitor's next period; its runs wait for that.",
        pause=900.0,
    ),
    "database_missing": destination(
        "The database or schema of the destination does not exist, or the role may not use it.",
        "Create it or grant USAGE on it to the role; its runs wait for that.",
        of_target=True,
        grants_help=True,
        login_step="database",
    ),
    "secret_unreadable": destination(
        "No key of FIELD_ENCRYPTION_KEYS opens the stored secret, or it was stored for another row, owner or column.",
        "Enter the secret again; or put the key that it was stored with back into FIELD_ENCRYPTION_KEYS, or an earlier "
        "service's into FERNET_KEY.",
    ),
    "rules_unreadable": destination(
        "The destination's rules were written by a later version of this program, or by hand.",
        "Run workers of that version, or save the rules again; the next trial then lets its runs through.",
    ),
    "rows_hidden": destination(
        "Row-level security may hide from the worker's database role what a load goes by: rules, or earlier attempts.",
        "As the tables' owner, let the role in: manage.py migrate --worker-role ROLE; verify_sync_install says what is "
        "left to do. The next trial lets its runs through.",
    ),
    "hash_key_unreadable": destination(
        "No key of FIELD_ENCRYPTION_KEYS opens the key that values are hashed with, or it was stored for another row "
        "or owner.",
        "Put the key that it was stored with back into FIELD_ENCRYPTION_KEYS; or make a new one (manage.py sync_rules "
        "rotate-key): the hashes that it makes are others than those that are loaded already.",
    ),
    "time_travel_refused": destination(
        "Snowflake does not let tables have as many days of Time Travel as the destination's settings say.",
        "Set the days of Time Travel to 0 or 1, or to nothing, which leaves it to the schema: more needs the "
        "Enterprise Edition, and tables that are not transient. Its runs wait for that.",
    ),
    "configuration_invalid": destination(
        "The destination's settings are incomplete or contradict each other.",
        "Correct the settings; its runs wait for that.",
    ),
    "key_not_registered": destination(
        "A new key pair was made, and its public key has to be given to the user in Snowflake first.",
        "Run the ALTER USER ... SET RSA_PUBLIC_KEY statement of the destination's set-up script in Snowflake, then "
        "check the destination; its runs wait for that.",
        pause=900.0,
    ),
    "paused_by_hand": destination("The destination was paused by hand.", "Resume it; its runs wait for that."),
}
