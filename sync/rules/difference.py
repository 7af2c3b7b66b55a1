"""What one list of rules changes of another, for people who decide whether they want that."""

import difflib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sync.rules.files import as_yaml
from sync.rules.rule import Rule

# Lines around one that changed.
_AROUND = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines to print, and how many rules are concerned; a rule may be changed and moved."""

    lines: tuple[str, ...]
    added: int
    removed: int
    changed: int
    moved: int


def difference(before: Sequence[Rule], after: Sequence[Rule]) -> Difference:
    """What becomes of `before`. A rule is known by its name, in whatever case; one that is renamed is another."""
    old, new = _places(before), _places(after)
    stay = _in_order([old[name] for name in new if name in old])
    removed = [name for name in old if name not in new]
    added = [name for name in new if name not in old]
    changed = [name for name in new if name in old and before[old[name]] != after[new[name]]]
    moved = [name for name in new if name in old and old[name] not in stay]
    lines: list[str] = []
    for name in removed:
        lines += _told(f"- rule {old[name] + 1} is removed", _lines(before[old[name]]), "-")
    for name, place in new.items():
        if name in added:
            lines += _told(f"+ rule {place + 1} is added", _lines(after[place]), "+")
        if name in moved:
            lines.append(f"> rule {old[name] + 1} becomes rule {place + 1}: {after[place].name}")
        if name in changed:
            lines.append(f"~ rule {place + 1} is changed: {after[place].name}")
            lines += [f"    {line}" for line in _changes(before[old[name]], after[place])]
    return Difference(tuple(lines), len(added), len(removed), len(changed), len(moved))


def _places(rules: Sequence[Rule]) -> dict[str, int]:
    return {rule.name.casefold(): place for place, rule in enumerate(rules)}


def _in_order(places: Sequence[int]) -> set[int]:
    """A longest part of them that rises: what needs no move."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(ends, place)
        before[place] = ends[at - 1] if at else None
        ends[at : at + 1] = [place]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept


def _lines(rule: Rule) -> list[str]:
    return as_yaml([rule]).splitlines()


def _told(heading: str, lines: Sequence[str], sign: str) -> Iterator[str]:
    yield heading
    yield from (f"    {sign}{line}" for line in lines)


def _changes(before: Rule, after: Rule) -> list[str]:
    told = difflib.unified_diff(_lines(before), _lines(after), n=_AROUND, lineterm="")
    return [line for line in list(told)[2:] if not line.startswith("@@")]
