"""Documents of rules as people write them: YAML, or JSON, which is YAML, too.

Only what JSON has is more than a text, so that `no`, `007`, `12:30` and `2026-01-31` are what they look like.
"""

import re
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import yaml

from sync.rules.problems import RulesError

# Deeper than any rule; a parser that goes as deep as somebody writes runs out of stack.
DEEPEST = 50

_QUOTE = "a text that begins with *, & or ! has to stand in quotes"
_END = re.compile("[\n\r\x85\u2028\u2029]")
# What the parser says of * and & without a name behind it.
_NO_NAME = "expected alphabetic or numeric character"
_RESOLVED = {
    "null": (r"~|null|", ["~", "n", ""]),
    "bool": (r"true|false", ["t", "f"]),
    "int": (r"-?(0|[1-9][0-9]*)", list("-0123456789")),
    "float": (r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", list("-0123456789")),
}


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

    def construct_exactly(self, node: yaml.ScalarNode) -> float:
        number = float(node.value)
        if Decimal(repr(number)) != Decimal(node.value):
            said = "the number has more digits than are kept: write it in quotes"
            raise yaml.constructor.ConstructorError(None, None, said, node.start_mark)
        return number


class _Dumper(yaml.SafeDumper):
    """Quotes a text that some reader would take for something else; a list in a list is set in."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Ends of lines as \\n: YAML knows more of them than JSON, and folds them."""
        return self.represent_scalar("tag:yaml.org,2002:str", text, '"' if _END.search(text) else None)

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
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_exactly)


def from_text(text: str) -> Any:
    """What is written, as plain JSON. Raises RulesError, which names the line."""
    try:
        _check(text)
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except RulesError:
        raise
    except yaml.MarkedYAMLError as error:
        said = str(error.problem or error.context)
        raise _error(_QUOTE if _NO_NAME in said else said, error.problem_mark or error.context_mark) from None
    except (yaml.YAMLError, ValueError):
        raise RulesError([((), "it holds a character or a number that cannot be kept")]) from None


def to_text(document: Any) -> str:
    """The same as YAML, with its keys in their order, short lists and groups on a line."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


def _check(text: str) -> None:
    """Nothing that stands for something else, and nothing too deep."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        named = isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None)
        if named or depth > DEEPEST:
            raise _error(_QUOTE if named else "it stands too deep in something else", event.start_mark)


def _error(said: str, mark: Any) -> RulesError:
    return RulesError([((), f"line {mark.line + 1}: {said}" if mark else said)])
