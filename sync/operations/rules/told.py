"""What has become of rules, in the log of who changed what.

What a rule compares with, and puts in place of values, may be a value of a result: of that it only says that it has
changed. The versions of the rules have it, for those who may see them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.activity import CHANGED, Change, changes_between

Document = Mapping[str, Any]

_HOLDS_VALUES = frozenset({"when", "where", "value", "constant", "text"})


def rule_changes(before: Sequence[Document], after: Sequence[Document]) -> list[Change]:
    """Rule by rule, by their names; one that is renamed is another."""
    old, new = _by_name(before), _by_name(after)
    changes: list[Change] = []
    for name in dict.fromkeys((*old, *new)):
        was, is_ = old.get(name), new.get(name)
        if was is None or is_ is None:
            changes.append({"field": f"rule {_name(is_ or was)}", "from": _told(was), "to": _told(is_)})
        elif was != is_:
            changes += _of_one(was, is_)
    stayed = [name for name in old if name in new]
    if stayed != [name for name in new if name in old]:
        changes.append({"field": "order", "from": _names(old, stayed), "to": _names(new, [n for n in new if n in old])})
    return changes


def _of_one(before: Document, after: Document) -> list[Change]:
    said = changes_between(*({key: one[key] for key in one if key not in _HOLDS_VALUES} for one in (before, after)))
    hidden: list[Change] = [
        {"field": key, "from": None, "to": CHANGED}
        for key in sorted(_HOLDS_VALUES)
        if before.get(key) != after.get(key)
    ]
    return [{**change, "field": f"rule {_name(after)}: {change['field']}"} for change in (*said, *hidden)]


def _told(rule: Document | None) -> str | None:
    """`column hash e_mail for sales`."""
    if rule is None:
        return None
    verb = rule.get("action") or rule.get("policy") or ""
    what = ", ".join(rule.get("columns", [])) or rule.get("column", "")
    for_ = f"for {rule['workflow']}" if rule.get("workflow", "*") != "*" else ""
    off = "" if rule.get("enabled", True) else "(off)"
    kind, verb = rule.get("kind", "").replace("_", " "), verb.replace("_", " ")
    return " ".join(filter(None, [kind, verb, what, for_, off]))


def _name(rule: Document | None) -> str:
    """Also of one that a later version of this program has written."""
    return str((rule or {}).get("name", ""))


def _by_name(rules: Sequence[Document]) -> dict[str, Document]:
    return {_name(rule).casefold(): rule for rule in rules}


def _names(rules: Mapping[str, Document], order: Sequence[str]) -> str:
    return ", ".join(_name(rules[name]) for name in order)
