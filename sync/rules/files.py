"""Rules in a file, as somebody keeps them in git: read, written, and held against those in force."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.rules.problems import Place, RulesError
from sync.rules.rule import Rule
from sync.rules.ruleset import documents, read_rules
from sync.rules.text import TextError, from_text, lines, to_text

MOST_BYTES = 500_000
# In the comment that a file begins with.
_VERSION = re.compile(r"\A(?:#.*\n)*# Version ([0-9]{1,9}) of the rules of destination ([0-9a-f-]{36})\b")
# The others follow as the models have them.
_FIRST = ("name", "kind", "action", "workflow", "columns", "column", "parameter", "field", "path", "operator", "value")


class RulesFileError(ValueError):
    """What a file has that rules do not: `problems` are (line from 1, what is wrong)."""

    def __init__(self, name: str, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{name}:{number}: {said}" for number, said in problems))


@dataclass(frozen=True, slots=True)
class RulesFile:
    """`exported_from`: the destination, and the version of its rules that the file was before somebody edited it."""

    rules: tuple[Rule, ...]
    exported_from: tuple[UUID, int] | None = None


def read_file(content: bytes, name: str) -> RulesFile:
    """What stands in a file, whose name is for messages. Raises RulesFileError."""
    if len(content) > MOST_BYTES:
        raise RulesFileError(name, [(1, f"it has more than {MOST_BYTES:,} bytes: give long lists to the API")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = "these bytes are no UTF-8: save the file in that encoding"
        raise RulesFileError(name, [(content.count(b"\n", 0, error.start) + 1, said)]) from None
    try:
        rules = read_rules(_given(text))
    except TextError as error:
        raise RulesFileError(name, [(error.line, error.said)]) from None
    except RulesError as error:
        numbers = lines(text, [place for place, _ in error.problems])
        told = [_said(place, what) for place, what in error.problems]
        raise RulesFileError(name, list(zip(numbers, told, strict=True))) from None
    return RulesFile(rules, _exported_from(text))


def write_file(rules: Iterable[Rule], configuration_id: UUID, version: int, about: str) -> str:
    """A file of them, which `read_file` reads as what they are; `about` goes into its first line, and is one line."""
    written = as_yaml(rules)
    hint = "# There are none. Put them in place of [].\n" if written == "[]\n" else ""
    return f"# Version {version} of the rules of destination {configuration_id}{about}\n{hint}{written}"


def as_yaml(rules: Iterable[Rule]) -> str:
    """The documents of rules, with the keys first that tell most."""
    return to_text([ordered(document) for document in documents(rules)])


def _exported_from(text: str) -> tuple[UUID, int] | None:
    found = _VERSION.match(text)
    try:
        return (UUID(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _given(text: str) -> Any:
    if (given := from_text(text)) is None:
        # Somebody's editor may have lost it, and with it all that is hashed or left out.
        raise TextError(1, "there is nothing in it; to have no rules, write []")
    return given


def _said(place: Place, said: str) -> str:
    if not place:
        return said
    number, *inner = place
    where = f", {'.'.join(map(str, inner))}" if inner else ""
    return f"rule {int(number) + 1}{where}: {said}"


def ordered(given: object) -> object:
    """A document, or a part of one, with the keys first that tell most."""
    if isinstance(given, dict):
        known = [key for key in _FIRST if key in given]
        return {key: ordered(given[key]) for key in [*known, *(key for key in given if key not in known)]}
    return [ordered(each) for each in given] if isinstance(given, list) else given
