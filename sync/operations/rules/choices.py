"""What somebody chooses for one workflow, as rules: a choice edits the rule that it made, so that rules never pile up.

That rule is known by its form alone: on, for exactly this workflow, of exactly this action, without path or wildcard.
So there is one a workflow and action, in which the columns are listed, and one that somebody wrote in a file is edited
as well. See docs/decisions/035.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sync.rules import matcher, matches

Document = dict[str, Any]

# Columns that a rule lists, at most; and the length of the part of its name that names the workflow.
_MOST, _LABEL = 500, 70
_TREATING = ("drop", "hash", "mask", "null")
_WORDS = {"drop": "dropped", "hash": "hashed", "mask": "masked", "null": "left empty"}


@dataclass(frozen=True, slots=True)
class Treatment:
    """What becomes of a column: an action of a rule, and what else that rule says. `keep`: nothing becomes of it."""

    action: str = "keep"
    more: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, rule: Document) -> "Treatment":
        return cls(
            rule["action"], tuple(sorted((key, rule[key]) for key in ("keep", "characters", "text") if key in rule))
        )


KEEP = Treatment()


@dataclass(frozen=True, slots=True)
class Synced:
    """Whether a workflow's executions go there: `on`, `off`, or `some`, where conditions decide. `rule`: the one that
    decides; None: none has to. `may_switch`: one choice can change it, and changes nothing for other workflows.
    """

    state: Literal["on", "off", "some"]
    rule: Document | None = None
    may_switch: bool = True


class Choices:
    """The rules of a destination, as documents, and what they say of one workflow. Its methods change `rules`.

    `label`: what people call the workflow; `note` goes to rules that are new.
    """

    def __init__(self, rules: Sequence[Document], workflow_id: str, label: str = "", note: str = "") -> None:
        self.rules = [dict(rule) for rule in rules]
        self.workflow_id, self._note = workflow_id, note
        self._label = re.sub(r"[\s\x00-\x1f]+", " ", label or workflow_id).strip()[:_LABEL] or "workflow"

    @property
    def may_choose(self) -> bool:
        """A rule for an id with a wildcard in it would be for other workflows, too."""
        return "*" not in self.workflow_id

    # Which executions

    @property
    def synced(self) -> Synced:
        scope = [rule for rule in self.rules if rule["kind"] == "scope" and rule.get("enabled", True)]
        partly: Document | None = None
        for rule in scope:
            if not matches(rule.get("workflow", "*"), self.workflow_id):
                continue
            if rule.get("when"):
                partly = partly or rule
            elif rule["action"] == "exclude":
                if partly and partly["action"] == "include":
                    return Synced("some", partly, self.may_choose)
                return Synced("off", rule, self.may_choose and self._is_own(rule))
            else:
                return Synced("some" if partly else "on", partly or rule, self.may_choose)
        if partly:
            return Synced("some", partly, self.may_choose)
        only = next((rule for rule in scope if rule["action"] == "include"), None)
        return Synced("off" if only else "on", only, self.may_choose)

    def leave_out(self) -> None:
        """Before all others, since the first rule decides."""
        self._add({"kind": "scope", "action": "exclude"}, "left out", first=True)

    def take_in(self) -> None:
        """Without the rule that leaves it out; with one that includes it, where only what is included goes there."""
        self.rules = [
            rule
            for rule in self.rules
            if not (
                rule["kind"] == "scope" and rule["action"] == "exclude" and not rule.get("when") and self._is_own(rule)
            )
        ]
        found = self.synced
        if found.state == "off" and found.rule and found.rule["action"] == "include":
            self._add({"kind": "scope", "action": "include"}, "goes there")

    # Columns that no earlier result had

    @property
    def new_columns(self) -> str:
        policies = (rule["policy"] for rule in self._for_workflow("new_columns"))
        return next(policies, "allow")

    def set_new_columns(self, policy: str) -> None:
        if policy == self.new_columns:
            return
        self.rules = [rule for rule in self.rules if not (rule["kind"] == "new_columns" and self._is_own(rule))]
        if policy != self.new_columns:
            self._add({"kind": "new_columns", "policy": policy}, f"new columns: {policy}", first=True)

    # Columns

    def treatment(self, key: str) -> Treatment:
        """What was chosen for a column, whatever other rules do to it."""
        return next((Treatment.of(rule) for rule in self._treating() if key in rule["columns"]), KEEP)

    def others(self, key: str) -> list[str]:
        """The names of rules that do something to the column besides what was chosen."""
        own = [*self._treating(), *self._renaming(key)]
        return [
            rule["name"]
            for rule in self._for_workflow("column")
            if not any(rule is one for one in own) and matcher(rule["columns"])(key) != (rule["action"] == "keep_only")
        ]

    def treat(self, key: str, wanted: Treatment) -> None:
        if wanted == self.treatment(key):
            return
        for rule in list(self._treating()):
            if key in rule["columns"]:
                self._put_columns(rule, [column for column in rule["columns"] if column != key])
        if wanted == KEEP:
            return
        alike = (rule for rule in self._treating() if Treatment.of(rule) == wanted and len(rule["columns"]) < _MOST)
        if there := next(alike, None):
            self._put_columns(there, [*there["columns"], key])
        else:
            said = {"kind": "column", "action": wanted.action, **dict(wanted.more), "columns": [key]}
            self._add(said, _WORDS[wanted.action])

    def renamed(self, key: str) -> str:
        """The name that was chosen for a column; empty: its own."""
        return next((str(rule["to"]) for rule in self._renaming(key)), "")

    def rename(self, key: str, to: str) -> None:
        if to == self.renamed(key):
            return
        gone = list(self._renaming(key))
        self.rules = [rule for rule in self.rules if not any(rule is one for one in gone)]
        if to and to != key:
            self._add({"kind": "column", "action": "rename", "columns": [key], "to": to}, f"{key[:20]} renamed")

    # Rows

    @property
    def filtered(self) -> Document | None:
        """The rule on rows that a form can hold: conditions of columns, all or any of them."""
        return next((rule for rule in self._for_workflow("rows") if self._is_own(rule) and flat(rule["where"])), None)

    def filter_rows(self, conditions: Sequence[Document], *, how: str = "all") -> None:
        """Only rows for which `all` or `any` of the conditions hold; none: all rows."""
        where = {how: list(conditions)} if len(conditions) > 1 else next(iter(conditions), None)
        there = self.filtered
        if where is None:
            self.rules = [rule for rule in self.rules if rule is not there]
        elif there:
            there["where"] = where
        else:
            self._add({"kind": "rows", "where": where}, "only some rows")

    @property
    def rows(self) -> list[Document]:
        """All rules on its rows."""
        return self._for_workflow("rows")

    # A column more

    @property
    def added(self) -> list[Document]:
        return self._for_workflow("add")

    def add_column(self, said: Document) -> None:
        self._add({"kind": "add", **said}, f"with {said['column'][:20]}")

    def _for_workflow(self, kind: str) -> list[Document]:
        """The rules of a kind that are on and for this workflow."""
        return [
            rule
            for rule in self.rules
            if rule["kind"] == kind
            and rule.get("enabled", True)
            and matches(rule.get("workflow", "*"), self.workflow_id)
        ]

    def _is_own(self, rule: Document) -> bool:
        return rule.get("workflow") == self.workflow_id and bool(rule.get("enabled", True))

    def _treating(self) -> Iterator[Document]:
        for rule in self._for_workflow("column"):
            plain = "path" not in rule and not any("*" in column for column in rule["columns"])
            if self._is_own(rule) and rule["action"] in _TREATING and plain:
                yield rule

    def _renaming(self, key: str) -> Iterator[Document]:
        for rule in self._for_workflow("column"):
            if self._is_own(rule) and rule["action"] == "rename" and rule["columns"] == [key]:
                yield rule

    def _put_columns(self, rule: Document, columns: list[str]) -> None:
        if columns:
            rule["columns"] = columns
        else:
            self.rules = [one for one in self.rules if one is not rule]

    def _add(self, said: Document, what: str, *, first: bool = False) -> None:
        name = _unused(f"{self._label}: {what}", {rule["name"].casefold() for rule in self.rules})
        note = {"note": self._note} if self._note else {}
        self.rules.insert(0 if first else len(self.rules), {"name": name, **said, "workflow": self.workflow_id, **note})


def flat(where: Document) -> tuple[str, list[Document]] | None:
    """`all` or `any`, and the conditions of columns under it; None: they stand deeper in each other."""
    for how in ("all", "any"):
        if how in where:
            conditions = where[how]
            return (how, conditions) if all("column" in one for one in conditions) else None
    return "all", [where]


def _unused(name: str, taken: Collection[str]) -> str:
    found, number = name, 2
    while found.casefold() in taken:
        found, number = f"{name} {number}", number + 1
    return found
