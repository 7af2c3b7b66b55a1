"""Documents of rules as people write them: YAML, or JSON, which is YAML, too.

Only what JSON has is more than a text, so that `no`, `007`, `12:30` and `2026-01-31` are what they look like.
"""

import re
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from sync.rules.problems import Place, RulesError

# Deeper than any rule; a parser that goes as deep as somebody writes runs out of stack.
DEEPEST = 50

# Digits of a number; Python reads 4,300.
_LONGEST = 1_000
_TOO_LONG = "the number has more digits than are kept: write it in quotes"
# A list of texts up to so long stands on a line.
_WIDEST = 100
_NEVER = yaml.reader.Reader.NON_PRINTABLE

_QUOTE = "a text that begins with *, & or ! has to stand in quotes"
# What the parser says of * and & without a name behind it.
_NO_NAME = "expected alphabetic or numeric character"
_RESOLVED = {
    "null": (r"~|null|", ["~", "n", ""]),
    "bool": (r"true|false", ["t", "f"]),
    "int": (r"-?(0|[1-9][0-9]*)", list("-0123456789")),
    "float": (r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", list("-0123456789")),
}


class TextError(RulesError):
    """What cannot be read, and in which line, from 1."""

    def __init__(self, line: int, said: str) -> None:
        self.line, self.said = line, said
        super().__init__([((), f"line {line}: {said}")])


class _Loader(yaml.CSafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - yaml's

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        keys: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in keys:
                said = "a key stands there twice" if isinstance(key, yaml.ScalarNode) else "a key has to be a text"
                raise yaml.constructor.ConstructorError(None, None, said, key.start_mark)
            keys.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_exactly(self, node: yaml.ScalarNode) -> int | float:
        try:
            return exact_number(node.value) if node.tag.endswith("float") else _whole(node.value)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None


class _Dumper(yaml.SafeDumper):
    """Quotes a text that some reader would take for something else; a list in a list is set in."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """What has lines, as lines; what has other things that are not seen, in escapes."""
        lines = text.split("\n")
        plain = all(line.isprintable() and line == line.strip() for line in lines) and bool(lines[0])
        style = None if text.isprintable() else "|" if plain else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:  # noqa: FBT001
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = node.flow_style and len(repr(sequence)) < _WIDEST
        return node

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:  # noqa: FBT001
        """A condition stands on a line, all else a key a line."""
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = node.flow_style and "operator" in mapping
        return node

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002
        super().increase_indent(flow, False)  # noqa: FBT003 - yaml's


for _kind, (_pattern, _first) in _RESOLVED.items():
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), _first)
_Dumper.add_representer(str, _Dumper.represent_text)
for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _Loader.construct_exactly)


def exact_number(text: str) -> float:
    """A number of JSON with a point or an exponent. Raises ValueError, with words for people, if digits were lost."""
    number = float(text)
    # Its exponent may be more than a Decimal has room for.
    with suppress(InvalidOperation):
        if len(text) <= _LONGEST and Decimal(repr(number)) == Decimal(text):
            return number
    raise ValueError(_TOO_LONG)


def _whole(text: str) -> int:
    if len(text) > _LONGEST:
        raise ValueError(_TOO_LONG)
    return int(text)


def from_text(text: str) -> Any:
    """What is written, as plain JSON. Raises TextError."""
    with _lines_named(text):
        _check(text)
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader


def lines(text: str, places: Iterable[Place]) -> list[int]:
    """In which line, from 1, each of these places begins, or the last that is there on the way; of what can be read."""
    tree = yaml.compose(text, _Loader)
    return [_line(tree, place) for place in places]


def to_text(document: Any) -> str:
    """The same as YAML, with its keys in their order, short lists and groups on a line."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


@contextmanager
def _lines_named(text: str) -> Iterator[None]:
    try:
        yield
    except yaml.MarkedYAMLError as error:
        said, mark = str(error.problem or error.context), error.problem_mark or error.context_mark
        line = min(mark.line, text.count("\n")) + 1 if mark else 1
        raise TextError(line, _QUOTE if _NO_NAME in said else said) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        found = _NEVER.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 1
        raise TextError(line, "it holds a character that cannot be kept") from None


def _check(text: str) -> None:
    """Nothing that stands for something else, and nothing too deep."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        named = isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None)
        if (named or depth > DEEPEST) and (mark := event.start_mark):
            raise TextError(mark.line + 1, _QUOTE if named else "it stands too deep in something else")


def _line(node: yaml.Node | None, place: Place) -> int:
    if node is None:
        return 1
    at = int(node.start_mark.line) + 1
    for step in place:
        inner = node.value if isinstance(node, yaml.CollectionNode) else []
        pairs = inner if isinstance(node, yaml.MappingNode) else [(each, each) for each in inner]
        names = [key.value for key, _ in pairs] if isinstance(node, yaml.MappingNode) else list(range(len(pairs)))
        if step not in names:
            break
        key, node = pairs[names.index(step)]
        at = int(key.start_mark.line) + 1
    return at
