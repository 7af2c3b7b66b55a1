"""Which column of a table a key of `result_columns` has.

A key has its column for good: who has one already keeps it, and of several whose names fold to one, one gets the plain
name and the others a hash of their key. Never does the order of a result's columns decide.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from sync.snowflake.identifiers import MAX_LENGTH, OWN_COLUMNS, IdentifierCase, cut, folded, unquoted, upper_ascii

# The columns of each key, those of its second and third occurrence behind the first.
Names = dict[str, list[str]]

# Refused as names of columns in double quotes, too (002318, "ANSI reserved"):
# docs.snowflake.com/en/sql-reference/reserved-keywords, and reports of users (airbyte 30190, 76430).
_REFUSED = frozenset(
    {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "LOCALTIME", "LOCALTIMESTAMP"}
)
_FOR_NOTHING = "COLUMN"


class AmbiguousError(Exception):
    """It cannot be known which key a column belongs to that was made before keys were registered."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(column)


def columns_of(keys: Sequence[str], names: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    """The columns of a result, in its order; None where one has none yet."""
    seen: dict[str, int] = {}
    found = []
    for key in keys:
        number = seen[key] = seen.get(key, 0) + 1
        if len(names.get(key, ())) < number:
            return None
        found.append(names[key][number - 1])
    return tuple(found)


def named(results: Iterable[Sequence[str]], case: IdentifierCase, names: Mapping[str, Sequence[str]]) -> Names:
    """`names`, and columns for those keys of the results that have none."""
    given = {key: list(columns) for key, columns in names.items()}
    taken = {*OWN_COLUMNS, *(column for columns in given.values() for column in columns)}
    wanted = {(number, key) for keys in results for number, key in _numbered(keys) if number > len(given.get(key, ()))}
    for number, key in sorted(wanted, key=lambda one: (one[0], _distance(one[1], case), one[1])):
        name = _free(key, number, case, taken)
        taken.add(name)
        given.setdefault(key, []).append(name)
    return given


def adopted(
    keys: Sequence[str], case: IdentifierCase, names: Mapping[str, Sequence[str]], there: Collection[str]
) -> Names:
    """`names`, and the columns that this result would have been given before keys were registered.

    `there` are the table's columns; those that no key has are given by the rule of then: first come, first served.
    Raises AmbiguousError where another result may have had the column for another key.
    """
    given = {key: list(columns) for key, columns in names.items()}
    free = set(there) - {*OWN_COLUMNS, *(column for columns in given.values() for column in columns)}
    families = _families(free)
    by_order = dict(zip(_numbered(keys), _by_order(keys, case), strict=True)) if free else {}
    for position, ((number, key), name) in enumerate(by_order.items(), start=1):
        plain = _plain_by_order(key, position, case)
        if number <= len(given.get(key, ())) or plain not in there:
            continue
        family = families.get(plain, set()) | (families.get(_root(plain), set()) if _root(plain) in there else set())
        if family and (name not in free or not family <= set(by_order.values())):
            raise AmbiguousError(min(family))
        if family:
            given.setdefault(key, []).append(name)
    return given


def notes(names: Mapping[str, Sequence[str]], case: IdentifierCase) -> dict[str, str]:
    """The key of each column whose name does not say it: told in the table's comment."""
    return {
        column: key
        for key, columns in names.items()
        for column in columns
        if column != (key if case == "preserve" else unquoted(folded(key)))
    }


def _numbered(keys: Iterable[str]) -> list[tuple[int, str]]:
    seen: dict[str, int] = {}
    numbered = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        numbered.append((seen[key], key))
    return numbered


def _distance(key: str, case: IdentifierCase) -> int:
    """How far the plain name is from the key: of those who want one name, the nearest gets it."""
    plain = _plain(key, case)
    return [plain, plain.lower()].index(key) if key in (plain, plain.lower()) else 2


def _plain(key: str, case: IdentifierCase) -> str:
    name = key if case == "preserve" else unquoted(folded(key))
    return f"_{name}" if name in _REFUSED else cut(name, key) or _FOR_NOTHING


def _free(key: str, number: int, case: IdentifierCase, taken: Collection[str]) -> str:
    suffix = f"_{number}" if number > 1 else ""
    plain = _plain(key, case)
    name = plain[: MAX_LENGTH - len(suffix)] + suffix
    seed = key + "\0" * (number - 1)
    while name in taken:
        name = cut(plain, seed, always=True)
        seed += "\0"
    return name


def _by_order(keys: Iterable[str], case: IdentifierCase) -> list[str]:
    """The names that keys had before they were registered."""
    taken = set(OWN_COLUMNS)
    names = []
    for position, key in enumerate(keys, start=1):
        wanted = _plain_by_order(key, position, case)
        name, number = wanted, 1
        while name in taken:
            number += 1
            suffix = f"_{number}"
            name = wanted[: MAX_LENGTH - len(suffix)] + suffix
        taken.add(name)
        names.append(name)
    return names


def _plain_by_order(key: str, position: int, case: IdentifierCase) -> str:
    if not key:
        return f"COLUMN_{position}"
    return cut(key if case == "preserve" else unquoted(upper_ascii(key)), key)


def _families(columns: Iterable[str]) -> dict[str, set[str]]:
    """By a name, the columns that it may have become: itself, and itself with a number behind."""
    families: dict[str, set[str]] = {}
    for column in columns:
        for name in {column, _root(column)}:
            families.setdefault(name, set()).add(column)
    return families


def _root(name: str) -> str:
    return re.sub(r"_\d+$", "", name)
