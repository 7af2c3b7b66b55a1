"""All rules of a destination as they were at one version, and what of them is for one workflow."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sync.rules.problems import RulesError, problems
from sync.rules.rule import AddRule, Allow, ColumnRule, Drop, Hash, KeepOnly, NewColumnsRule, RowsRule, Rule, ScopeRule

MOST_RULES = 1_000
# Of executions, in all rules together: routing takes some 10 µs for each and an execution, and others wait behind it.
MOST_CONDITIONS = 500
# Of columns, in all rules together: each is held against up to 1,500 names, which takes a worker some 3 µs, and others
# wait behind it.
MOST_GLOBS = 1_000
_DOCUMENT: TypeAdapter[tuple[Rule, ...]] = TypeAdapter(
    Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)], config=ConfigDict(defer_build=True)
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules make of a workflow's results; empty, they go as they are. Each group is in the rules' order."""

    columns: tuple[ColumnRule, ...] = ()
    rows: tuple[RowsRule, ...] = ()
    added: tuple[AddRule, ...] = ()
    new_columns: Literal["allow", "drop", "hold"] = "allow"
    # The number of the key for hashes; None: nothing is hashed.
    hash_key: int | None = None
    # Columns of one result that are dropped besides, by their exact names: a load adds those that are new.
    dropped: frozenset[str] = frozenset()

    @property
    def effect(self) -> str:
        """Of what was loaded, the same text of two plans says that they made the same of it.

        What rules are called, for whom they are and why is not in it, nor what lets new columns come or holds them.
        """
        columns = [_said(rule) for rule in self.columns if self._drops_new or not isinstance(rule, Allow)]
        # As JSON: in Python, 1, 1.0 and True would be the same.
        return json.dumps([columns, self.effect_beside_columns, self.hash_key])

    @property
    def effect_beside_columns(self) -> str:
        """The same of what is not for single columns, by their names."""
        return json.dumps([[_said(rule) for rule in (*self.rows, *self.added)], self._drops_new])

    def effect_on(self, key: str) -> str:
        """The same of one column of a result."""
        made: list[object] = []
        for rule in self.columns:
            is_meant = any(matches(pattern, key) for pattern in rule.columns)
            if is_meant is isinstance(rule, KeepOnly):
                continue
            if isinstance(rule, KeepOnly) or (isinstance(rule, Drop) and rule.path is None):
                return "dropped"
            if not isinstance(rule, Allow):
                made.append([_said(rule, "columns"), self.hash_key if isinstance(rule, Hash) else None])
        return json.dumps([made, self._drops_new and decided(self.columns, key)])

    @property
    def _drops_new(self) -> bool:
        return self.new_columns == "drop"


def _said(rule: BaseModel, *besides: str) -> dict[str, Any]:
    return rule.model_dump(mode="json", exclude={"name", "workflow", "note", *besides})


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of a destination, in order, also those that are off. Version 0: there were never any.

    `made_at`: when the version was made, where it was read; two are the same without it.
    """

    version: int = 0
    rules: tuple[Rule, ...] = ()
    hash_key: int | None = None
    made_at: datetime | None = field(default=None, compare=False)

    @property
    def scope(self) -> tuple[ScopeRule, ...]:
        """The rules that decide which executions go there."""
        return tuple(rule for rule in self.rules if rule.enabled and isinstance(rule, ScopeRule))

    def plan(self, workflow_id: str) -> Plan:
        """What is for this workflow."""
        rules = [rule for rule in self.rules if rule.enabled and matches(rule.workflow, workflow_id)]
        columns: list[ColumnRule] = [
            rule for rule in rules if not isinstance(rule, ScopeRule | RowsRule | AddRule | NewColumnsRule)
        ]
        policies = [rule.policy for rule in rules if isinstance(rule, NewColumnsRule)]
        return Plan(
            columns=tuple(columns),
            rows=tuple(rule for rule in rules if isinstance(rule, RowsRule)),
            added=tuple(rule for rule in rules if isinstance(rule, AddRule)),
            new_columns=policies[0] if policies else "allow",
            hash_key=self.hash_key if any(isinstance(rule, Hash) for rule in columns) else None,
        )


def read_rules(documents: object) -> tuple[Rule, ...]:
    """A list of documents, checked; names that differ in case alone are one. Raises RulesError."""
    try:
        rules = _DOCUMENT.validate_python(documents)
    except ValidationError as error:
        raise RulesError(problems(error)) from None
    names: dict[str, int] = {}
    for place, rule in enumerate(rules):
        if (first := names.setdefault(rule.name.casefold(), place)) != place:
            raise RulesError([((place, "name"), f"rule {first + 1} has the same name: {rule.name!r}")])
    conditions = globs = 0
    for place, rule in enumerate(rules):
        conditions += len(rule.when) if isinstance(rule, ScopeRule) else 0
        globs += sum("*" in pattern for pattern in rule.columns) if rule.kind == "column" else 0
        if conditions > MOST_CONDITIONS:
            said = (
                f"{MOST_CONDITIONS} conditions of executions at most, in all rules together; say several values by in"
            )
            raise RulesError([((place, "when"), said)])
        if globs > MOST_GLOBS:
            said = f"{MOST_GLOBS:,} names of columns with * at most, in all rules together; give the others in full"
            raise RulesError([((place, "columns"), said)])
    return rules


def documents(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The rules as plain JSON: what `read_rules` reads, without what is as it would be anyway."""
    return [rule.model_dump(mode="json", exclude_defaults=True) for rule in rules]


def schema() -> dict[str, Any]:
    """The JSON Schema of a list of documents. Equal names, types that are none and too deep conditions pass it."""
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules",
        "description": "All rules of a destination, in the order in which they are followed.",
    }
    return about | _DOCUMENT.json_schema()


def matches(pattern: str, text: str) -> bool:
    """Whether the text is the pattern, in which * stands for any characters. The same in every case and language."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    *middle, last = others
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        if (found := text.find(part, at, end)) < 0:
            return False
        at = found + len(part)
    return True


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether one of the patterns is for a text."""
    listed = list(patterns)
    exact = {pattern for pattern in listed if "*" not in pattern}
    globs = [pattern for pattern in listed if "*" in pattern]
    return lambda text: text in exact or any(matches(glob, text) for glob in globs)


def like(pattern: str) -> str:
    """The pattern for SQL's LIKE ... ESCAPE '!', since a backslash means something else to some sessions."""
    return re.sub("[!%_]", r"!\g<0>", pattern).replace("*", "%")


def decided(rules: Iterable[ColumnRule], key: str) -> bool:
    """Whether a rule names this very column, so that it is not new to whoever made the rules.

    In a rule, a * stands for any characters: one that is in the column's own name is named by `allow` alone, which does
    nothing else.
    """
    return any(key in rule.columns and ("*" not in key or isinstance(rule, Allow)) for rule in rules)
