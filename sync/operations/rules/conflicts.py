"""Rules that shadow each other, or undo what others do: found by following them as a load does, without its values."""

import math
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from sync.operations.rules.finding import Level, RuleFinding, listed
from sync.rules import (
    All,
    Any,
    Cast,
    ColumnRule,
    Drop,
    Hash,
    KeepOnly,
    Mask,
    NewColumnsRule,
    Rename,
    Replace,
    RowCondition,
    Rule,
    RuleSet,
    ScopeRule,
    SetNull,
    matcher,
    matches,
    steps,
)

_SHADOWED = 'does nothing to {columns}, dropped by rule "{other}" before. Remove it, or take them out of that rule.'
_LOST = 'what it does to {columns} is lost, since rule "{other}" comes later. Remove one of the two.'
_ON_CONSTANT = 'finds in {columns} only what rule "{other}" has put there. Remove one of the two.'
_ON_TOP = 'works in {columns} on what rule "{other}" made of the values. Remove one of the two, unless that is meant.'
_RENAMED = 'gives {columns} a name that rule "{other}" replaces later. Remove one of the two.'
_ORIGINAL = 'compares {columns} as the result has it, although rule "{other}" drops it. If that is meant, do nothing.'
_NEVER = 'never decides, since rule "{other}" before it always does. Put it before that one, or remove it.'
_ANYWAY = "changes nothing: what no rule includes is left out anyway. Put it before the include rules, or remove it."

Matcher = Callable[[str], bool]
# Where a rule stands in a column's JSON: () for the whole value.
_Done = tuple[ColumnRule, tuple[str, ...]]
# By rule, level and sentence, the first other rule that it is about, and keys of columns.
_Said = dict[tuple[str, Level, str], tuple[str, set[str]]]
_Decides = TypeVar("_Decides", ScopeRule, NewColumnsRule)


def conflicts(rules: RuleSet, keys: Mapping[str, Collection[str]], deadline: float = math.inf) -> list[RuleFinding]:
    """What is to be said of rules and those beside them, as far as it is found until `deadline` (time.monotonic()).

    `keys`: of the columns of recent results, by workflow_id.
    """
    policies = [rule for rule in rules.rules if rule.enabled and isinstance(rule, NewColumnsRule)]
    deciding = [*_shadowed(rules.scope, lambda rule: not rule.when), *_shadowed(policies, lambda _: True)]
    return [*deciding, *_left_out_anyway(rules.scope), *_of_columns(rules.rules, keys, deadline)]


def columns_in(condition: RowCondition) -> set[str]:
    """The columns that a condition compares."""
    match condition:
        case All(all=inner) | Any(any=inner):
            return set().union(*map(columns_in, inner))
    return {condition.column}


def _shadowed(rules: Sequence[_Decides], always: Callable[[_Decides], bool]) -> Iterator[RuleFinding]:
    """Of rules of which the first that holds decides, those that come after one that `always` does."""
    for place, rule in enumerate(rules):
        # A pattern is for all that another one is for if it is for that one's very text.
        before = (one for one in rules[:place] if always(one) and matches(one.workflow, rule.workflow))
        if other := next(before, None):
            yield RuleFinding(rule.name, "warning", _NEVER.format(other=other.name))


def _left_out_anyway(scope: Sequence[ScopeRule]) -> Iterator[RuleFinding]:
    includes = [place for place, rule in enumerate(scope) if rule.action == "include"]
    for rule in scope[includes[-1] + 1 :] if includes else ():
        yield RuleFinding(rule.name, "information", _ANYWAY)


def _of_columns(rules: Sequence[Rule], keys: Mapping[str, Collection[str]], deadline: float) -> Iterator[RuleFinding]:
    enabled = [rule for rule in rules if rule.enabled]
    columns = [(rule, matcher(rule.columns)) for rule in enabled if rule.kind == "column"]
    filters = [(rule, columns_in(rule.where)) for rule in enabled if rule.kind == "rows"]
    said: _Said = {}
    for ids, seen in _workflows([*(rule for rule, _ in columns), *(rule for rule, _ in filters)], keys):
        followed = [one for one in columns if id(one[0]) in ids]
        named = {key for rule, _ in followed for key in rule.columns if not (seen and "*" in key)}
        for key in seen | named:
            if time.monotonic() > deadline:
                break
            done = _follow(key, followed, said)
            if dropping := next((rule for rule, at in done if isinstance(rule, Drop | KeepOnly) and not at), None):
                for rule, compared in filters:
                    if key in compared and id(rule) in ids:
                        _say(said, rule, "information", _ORIGINAL, dropping, key)
    order = {rule.name: place for place, rule in enumerate(rules)}
    for (name, level, sentence), (other, of) in sorted(said.items(), key=lambda one: (order[one[0][0]], one[0])):
        yield RuleFinding(name, level, sentence.format(columns=listed(of), other=other))


def _workflows(rules: Sequence[Rule], keys: Mapping[str, Collection[str]]) -> Iterator[tuple[set[int], set[str]]]:
    """The rules that are followed together, by id(), for some workflow, with the keys of its recent results.

    What a rule is for counts as a workflow, too, so that rules are compared before there are any results.
    """
    together: dict[frozenset[int], set[str]] = defaultdict(set)
    for workflow in {*keys, *(rule.workflow for rule in rules)}:
        followed = frozenset(id(rule) for rule in rules if matches(rule.workflow, workflow))
        together[followed].update(keys.get(workflow, ()))
    return ((set(followed), seen) for followed, seen in together.items())


def _follow(key: str, rules: Sequence[tuple[ColumnRule, Matcher]], said: _Said) -> list[_Done]:
    """What is done to a column, in order; and, into `said`, which of it is in vain."""
    done: list[_Done] = []
    for rule, is_for in rules:
        # Of a pattern it is not known whether all that it stands for is kept.
        takes_effect = not is_for(key) and "*" not in key if isinstance(rule, KeepOnly) else is_for(key)
        if takes_effect and not _is_shadowed(key, rule, done, said):
            at = _place(rule)
            for earlier, where in done:
                _compare(key, (earlier, where), (rule, at), said)
            done.append((rule, at))
    return done


def _is_shadowed(key: str, rule: ColumnRule, done: Sequence[_Done], said: _Said) -> bool:
    at = _place(rule)
    for earlier, where in done:
        if isinstance(earlier, Drop | KeepOnly) and at[: len(where)] == where:
            # To drop what others drop anyway is no mistake of a rule that keeps some.
            if not isinstance(rule, KeepOnly):
                _say(said, rule, "warning", _SHADOWED, earlier, key)
            return True
    return False


def _compare(key: str, first: _Done, second: _Done, said: _Said) -> None:
    (earlier, where), (rule, at) = first, second
    within = where[: len(at)] == at
    match earlier, rule:
        case (_, Drop() | KeepOnly()) if within:
            _say(said, earlier, "warning", _LOST, rule, key)
        case (Hash() | Mask() | SetNull() | Replace(), SetNull() | Replace()):
            _say(said, earlier, "warning", _LOST, rule, key)
        case (SetNull() | Replace(), Hash() | Mask() | Cast()):
            _say(said, rule, "warning", _ON_CONSTANT, earlier, key)
        case (Rename(), Rename()):
            _say(said, earlier, "warning", _RENAMED, rule, key)
        case (Cast(), Cast()):
            _say(said, rule, "information", _ON_TOP, earlier, key)
        case (Hash() | Mask(), Hash() | Mask() | Cast()) if where == at:
            _say(said, rule, "information", _ON_TOP, earlier, key)


def _place(rule: ColumnRule) -> tuple[str, ...]:
    path = getattr(rule, "path", None)
    return () if path is None else steps(path)


def _say(said: _Said, rule: Rule, level: Level, sentence: str, other: Rule, key: str) -> None:
    first, columns = said.setdefault((rule.name, level, sentence), (other.name, set()))
    if first == other.name:
        columns.add(key)
