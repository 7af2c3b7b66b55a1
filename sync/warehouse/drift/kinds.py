"""What can be otherwise in Snowflake than it was loaded, and what is said of it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from sync.reporting import counted, number


class Kind(StrEnum):
    MISSING = "missing"
    TRUNCATED = "truncated"
    FEWER_ROWS = "fewer_rows"
    MORE_ROWS = "more_rows"
    COLUMNS = "columns"
    OTHER_OWNER = "other_owner"
    REPLACED = "replaced"
    RENAMED = "renamed"
    UNKNOWN = "unknown"
    NOT_REMOVED = "not_removed"
    SCHEMA_UNSEEN = "schema_unseen"


# As a word to choose by, and as a heading.
KINDS: dict[str, str] = {
    Kind.MISSING: "is not there",
    Kind.TRUNCATED: "is empty",
    Kind.FEWER_ROWS: "has fewer rows",
    Kind.MORE_ROWS: "has more rows",
    Kind.COLUMNS: "has other columns",
    Kind.OTHER_OWNER: "has another owner",
    Kind.REPLACED: "is somebody else's",
    Kind.RENAMED: "has another name",
    Kind.UNKNOWN: "bears our mark and is not known",
    Kind.NOT_REMOVED: "was taken out and is there",
    Kind.SCHEMA_UNSEEN: "a schema is not seen",
}
# Columns that a sentence names.
_NAMED = 5


def said(kind: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What is found of a table, as a sentence that its name begins."""
    match kind:
        case Kind.MISSING:
            text = "is not there: it was dropped, or the role has no right on it any more"
        case Kind.TRUNCATED | Kind.FEWER_ROWS | Kind.MORE_ROWS:
            text = f"has {counted(found['rows'], 'row')}; {number(expected['rows'])} were loaded"
        case Kind.COLUMNS:
            text = f"has other columns than it was given: {'; '.join(_columns(expected, found))}"
        case Kind.OTHER_OWNER:
            text = f"belongs to the role {found['owner']}, which the destination's role does not have"
        case Kind.REPLACED:
            text = f"is not ours any more: {_whose(found)} is in its place"
        case Kind.RENAMED:
            text = f"is called {found['name']} now"
        case Kind.UNKNOWN:
            text = _unknown(found)
        case Kind.NOT_REMOVED:
            text = f"was taken out of Snowflake, and is there, for execution {found['id']}"
        case Kind.SCHEMA_UNSEEN:
            text = "is a schema that is not seen: it was dropped, or the role has no right on it any more"
        case _:
            text = "is otherwise than it was loaded"
    return f"{text}."


def _columns(expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterable[str]:
    before, now = expected["columns"], found["columns"]
    for old, new in found.get("renamed", {}).items():
        yield f"{old} is called {new}"
    renamed = found.get("renamed", {})
    yield from _some([name for name in before if name not in now and name not in renamed], "is gone", "are gone")
    added = [name for name in now if name not in before and name not in renamed.values()]
    yield from _some(added, "was added", "were added")
    for name in sorted(before.keys() & now.keys()):
        if before[name] != now[name]:
            yield f"{name} is {now[name]}, and was {before[name]}"


def _some(names: list[str], one: str, many: str) -> Iterable[str]:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"{', '.join(names[:_NAMED])}{more} {one if len(names) == 1 else many}"


def _whose(found: Mapping[str, Any]) -> str:
    if found.get("kind") == "view":
        return "a view"
    return f"the table of {found['mark']}" if found.get("mark") else "a table without our mark"


def _unknown(found: Mapping[str, Any]) -> str:
    if found.get("copy_of"):
        return f"bears the mark of {found['copy_of']}, which is there, too: it is a copy"
    of = "execution " if found["subject"] == "execution" else "the shared table "
    return f"bears the mark of {of}{found['id']}, and nobody knows of it here"
