"""Errors of the worker, its host and its database."""

from sync.errors.entry import Entry, Kind

ENTRIES = (
    Entry(
        "host_trouble",
        Kind.TRANSIENT,
        "The worker's host cannot hold the file of a result: its disk is full or read-only, or it lacks memory or file "
        "descriptors.",
        "Make room in the directory that is named, or name another in SYNC_SPOOL_DIRECTORY, then retry the item.",
        counts=False,
    ),
    Entry(
        "worker_died",
        Kind.TRANSIENT,
        "The worker that had claimed the item stopped without finishing it.",
        "Look at the worker's log for what stopped it, then retry the item.",
    ),
    Entry(
        "database_unavailable",
        Kind.TRANSIENT,
        "The connection to PostgreSQL was lost.",
        "Look at PostgreSQL's log and at the way to it, then retry the item.",
    ),
    Entry(
        "statement_ended",
        Kind.TRANSIENT,
        "A time limit of PostgreSQL, or somebody there, ended the statement.",
        "Look at PostgreSQL's log for who ended it, then retry the item.",
    ),
    Entry(
        "database_changed",
        Kind.TRANSIENT,
        "A table, a column or a right in PostgreSQL is no longer what it was when this was installed.",
        "Run manage.py verify_sync_install, and mend what it names; the items go on by themselves.",
        counts=False,
        wait=30.0,
    ),
    Entry(
        "unexpected",
        Kind.TRANSIENT,
        "Something happened that this program does not know.",
        "Look at the worker's log, which has the details; report it, and retry the item.",
    ),
)
