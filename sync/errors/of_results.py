"""Errors of what the application has, and of the table that it is to go to."""

from sync.errors.entry import Entry, Kind

ENTRIES = (
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
        curable=False,
    ),
    Entry(
        "execution_not_visible",
        Kind.PERMANENT,
        "The worker's database role does not see the execution.",
        "Row-level security hides it: let the worker's role bypass it (ALTER ROLE ... BYPASSRLS) or add a policy, "
        "check with verify_sync_install, then retry the item.",
    ),
    Entry(
        "not_completed",
        Kind.PERMANENT,
        "The execution is no longer completed.",
        "Nothing: it is queued again when it completes.",
        curable=False,
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
        'Write result_columns as [{"name", "type"}, ...] and result_rows as an array of objects or of arrays, '
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
        somebodys=True,
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
        "table_refused",
        Kind.PERMANENT,
        "The role may no longer write the table: somebody has taken its ownership or a privilege.",
        "Give it back (GRANT OWNERSHIP ON TABLE ... TO ROLE ... COPY CURRENT GRANTS), or rename the table so that it "
        "is made anew, then retry the item.",
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
        "Give the column another name in result_columns, or the execution another snowflake_table_name, then retry the "
        "item.",
    ),
    Entry(
        "load_not_verified",
        Kind.TRANSIENT,
        "Snowflake's answer does not say that every row sent was loaded.",
        "Look at the query in Snowflake's history, then retry the item.",
    ),
    Entry(
        "load_rejected",
        Kind.PERMANENT,
        "Snowflake refused a value of the result.",
        "Correct the value or the column's type in result_columns, then retry the item.",
        somebodys=True,
    ),
    Entry(
        "statement_rejected",
        Kind.PERMANENT,
        "Snowflake refused a statement.",
        "Look at the query in Snowflake's history; if the statement is at fault, report it.",
        somebodys=True,
    ),
    Entry(
        "refused_unknown",
        Kind.TRANSIENT,
        "Snowflake refused a statement for a reason that this program does not know.",
        "Look up Snowflake's code and words, and the query in its history; mend the cause, then retry the item.",
        somebodys=True,
    ),
)
