"""Errors of the worker, its host and its database."""

from sync.catalogue.entry import Entry, Kind

ENTRIES = (
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
        "unexpected",
        Kind.TRANSIENT,
        "Something happened that this program does not know.",
        "Look at the worker's log, which has the details; report it, and retry the item.",
    ),
)
