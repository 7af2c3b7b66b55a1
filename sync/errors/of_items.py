"""Errors of an item: of what the application has, of the table that it is to go to, and of the worker."""

from sync.errors.entry import Retry, permanent, transient

OF_ITEMS = {
    # The application's data
    "no_owner": permanent(
        "The execution's workflow has no user, so there is nobody whose Snowflake account it could go to.",
        "Give the workflow an owner (workflows.user_id), then retry the run.",
    ),
    "no_destination": permanent(
        "The owner has no destination that is switched on.",
        "Connect Snowflake, or switch a destination on; what waits is then loaded by itself.",
    ),
    "destination_inactive": permanent(
        "The destination was switched off.",
        "Switch it on; what was left out is then loaded by itself.",
    ),
    "skipped_by_hand": permanent("Skipped by hand.", "Nothing; to load it after all, retry the run.", retry=Retry.NOW),
    "erased": permanent(
        "It was erased from Snowflake, and does not come back by itself.",
        "Nothing; to load it after all, retry the run.",
        retry=Retry.NOW,
    ),
    # Rules of the destination
    "excluded_by_rule": permanent(
        "A rule of the destination excludes the execution.",
        "Nothing, if that is meant. Otherwise change the rule or switch it off, and let what it excluded come back.",
        retry=Retry.ONCE_MENDED,
    ),
    "past_retention": permanent(
        "The destination keeps a workflow's results for a time, or so many of them, and this one is past that.",
        "Nothing, if that is meant. Otherwise change how long the destination keeps results, then backfill, or retry "
        "the run.",
        retry=Retry.NOW,
    ),
    "new_column_held": permanent(
        "The result has a column that no earlier one of the workflow had, and a rule holds such results.",
        "Decide: a rule of the destination that names the column (allow, drop, hash, ...); the execution then goes on "
        "by itself.",
    ),
    "rule_does_not_fit": permanent(
        "A rule of the destination cannot be followed for this result.",
        "Correct the rule or what the workflow writes, then retry the run.",
    ),
    "owner_changed": permanent(
        "The execution's workflow belongs to another user by now, whose results are not loaded into this destination.",
        "Nothing: new results go to the new owner's destinations.",
        retry=Retry.NEVER,
    ),
    "execution_not_visible": permanent(
        "The worker's database role does not see the execution.",
        "Row-level security hides it: let the worker's role bypass it (ALTER ROLE ... BYPASSRLS) or add a policy, "
        "check with verify_sync_install, then retry the run.",
    ),
    "not_completed": permanent(
        "The execution is no longer completed.", "Nothing: it is queued again when it completes.", retry=Retry.NEVER
    ),
    "no_results": permanent(
        "The execution completed without results.",
        "Check what the workflow writes to result_columns and result_rows; new results are queued by themselves.",
        may_come=True,
    ),
    "incomplete_result": permanent(
        "The application kept fewer rows than the result had.",
        "Make the application keep all rows (result_rows) or correct result_total_rows, then retry the run.",
    ),
    "malformed_result": permanent(
        "result_columns or result_rows is not of the documented form.",
        'Write result_columns as [{"name", "type"}, ...] and result_rows as an array of objects or of arrays, '
        "one value a column, then retry the run.",
    ),
    "undeclared_key": permanent(
        "A row has a key that result_columns does not declare; loading would drop it unseen.",
        "Declare the key in result_columns or take it out of the rows, then retry the run.",
    ),
    "value_does_not_fit": permanent(
        "A value cannot be held by its column's type without changing it.",
        "Correct the value or declare a type in result_columns that holds it, then retry the run.",
        splits_batch=True,
    ),
    "unsupported_columns": permanent(
        "The result has more columns than a Snowflake load or PostgreSQL can carry.",
        "Return fewer columns, or nest some of them in a json column, then retry the run.",
    ),
    # The destination's table
    "table_not_ours": permanent(
        "A table of that name exists in Snowflake and was not made by this sync; it is left alone.",
        "Rename or drop that table in Snowflake, or give the execution another snowflake_table_name, then retry.",
    ),
    "table_refused": permanent(
        "The role may no longer write the table: somebody has taken its ownership or a privilege.",
        "Give it back (GRANT OWNERSHIP ON TABLE ... TO ROLE ... COPY CURRENT GRANTS), or rename the table so that it "
        "is made anew, then retry the run.",
    ),
    "target_refused": permanent(
        "The schema or table that the execution asks for is not there, or the role may not use it.",
        "Correct the execution's snowflake_schema_name and snowflake_table_name, or grant the role what it lacks, "
        "then retry the run.",
    ),
    "table_conflict": permanent(
        "The shared table has a column whose type cannot hold the result's.",
        "Give the column another name in result_columns, or the execution another snowflake_table_name, then retry the "
        "run.",
    ),
    "load_not_verified": transient(
        "Snowflake's answer does not say that every row sent was loaded.",
        "Look at the query in Snowflake's history, then retry the run.",
    ),
    "load_rejected": permanent(
        "Snowflake refused a value of the result.",
        "Correct the value or the column's type in result_columns, then retry the run.",
        splits_batch=True,
    ),
    "statement_rejected": permanent(
        "Snowflake refused a statement.",
        "Look at the query in Snowflake's history; if the statement is at fault, report it.",
        splits_batch=True,
    ),
    "refused_unknown": transient(
        "Snowflake refused a statement for a reason that this program does not know.",
        "Look up Snowflake's code and words, and the query in its history; mend the cause, then retry the run.",
        splits_batch=True,
    ),
    # The worker, its host and its database
    "host_trouble": transient(
        "The worker's host cannot hold the file of a result: its disk is full or read-only, or it lacks memory or file "
        "descriptors.",
        "Make room in the directory that is named, or name another in SYNC_SPOOL_DIRECTORY, then retry the run.",
        counts=False,
        of_the_host=True,
    ),
    "worker_died": transient(
        "The worker that had claimed the run stopped without finishing it.",
        "Look at the worker's log for what stopped it, then retry the run.",
    ),
    "database_unavailable": transient(
        "The connection to PostgreSQL was lost.", "Look at PostgreSQL's log and at the way to it, then retry the run."
    ),
    "statement_ended": transient(
        "A time limit of PostgreSQL, or somebody there, ended the statement.",
        "Look at PostgreSQL's log for who ended it, then retry the run.",
    ),
    "database_changed": transient(
        "A table, a column or a right in PostgreSQL is no longer what it was when this was installed.",
        "Run manage.py verify_sync_install, and mend what it names; the runs go on by themselves.",
        counts=False,
        wait=30.0,
    ),
    "unexpected": transient(
        "Something happened that this program does not know.",
        "Look at the worker's log, which has the details; report it, and retry the run.",
        ends_session=True,
    ),
}
