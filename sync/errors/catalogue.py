"""The catalogue of errors: code → meaning → what to do → class. Raised through `sync.errors.tree.failure`."""

from sync.errors import of_ourselves, of_results, of_snowflake
from sync.errors.entry import Entry, Kind, Retry

__all__ = ["CATALOGUE", "Entry", "Kind", "Retry", "reasons"]

CATALOGUE: dict[str, Entry] = {
    entry.code: entry for entries in (of_results, of_snowflake, of_ourselves) for entry in entries.ENTRIES
}


def reasons(*codes: str) -> dict[str, str]:
    """The parameters `code` and `code_remedy` of statements that end items for these, where nothing more is known."""
    told = {code: CATALOGUE[code].meaning for code in codes}
    return told | {f"{code}_remedy": CATALOGUE[code].remedy for code in codes}
