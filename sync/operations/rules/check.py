"""What is to be said of rules before they are followed: what they matched lately, and what will not do as is meant."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from unicodedata import normalize

from accounts.models import SnowflakeConfiguration
from sync.operations.rules.conflicts import columns_in, conflicts
from sync.operations.rules.finding import RuleFinding, listed
from sync.operations.rules.recent import Form, Recent, recent
from sync.operations.rules.trial import Trials
from sync.postgres import TooSlowError, bounded_reading
from sync.queue import decided_by
from sync.rules import (
    ColumnRule,
    Drop,
    Hash,
    KeepOnly,
    Mask,
    Rename,
    Replace,
    RowsRule,
    RuleSet,
    ScopeRule,
    SetNull,
    matcher,
    matches,
)

# Seconds that a check takes, about; and the least that a statement has.
PATIENCE = 5.0
_LEAST = 0.05

_NO_WORKFLOW = (
    'is for workflows "{workflow}", and the owner of the destination has none of that workflow_id. Correct it, unless '
    "the workflow is still to come."
)
_DECIDES = "{verb} {some:,} of the last {executions}. If these are not the ones that you mean, change its conditions."
_DECIDES_NOTHING = "decides of none of the last {executions}. Correct its conditions, or wait for such executions."
_NO_COLUMN = "matches no column of the last {executions}. Correct its columns, or remove it."
_RENAMED = ' Rule "{other}" gives a column that name: write the one that it has in the result.'
_MATCHED = "matches {columns} in {some} of the last {executions}. If it should match others, change its columns."
_ALIKE = (
    "is not for {columns}, with other capitals or letters composed in another way than in its columns: names are "
    "exact, so these values go to Snowflake as they are. Add the names as the result has them, unless that is meant."
)
_NOT_THERE = (
    "compares {columns}, which {some} of the last {executions} lack: such results fail (rule_does_not_fit). Correct "
    "the name, or make the rule one for the workflows that have the column."
)
_NOT_LOOKED_AT = (
    "Not all recent executions could be looked at in time, so there may be more to say. Preview the rules with an "
    "execution before you save them."
)
# What keeps values from Snowflake.
_HIDING = Drop | Hash | Mask | SetNull | Replace
_LEVELS = ("error", "warning", "information")


def check_rules(
    configuration: SnowflakeConfiguration, rules: RuleSet, *, seconds: float = PATIENCE
) -> list[RuleFinding]:
    """What is to be said of the rules that are on, in their order, the worst first.

    Looks at the last executions of the owner's workflows for about so many seconds. No value is in what is said.
    """
    deadline = time.monotonic() + seconds
    seen = recent(configuration.user_id, rules.rules, seconds)
    trials = Trials(rules, deadline)
    try:
        for form in seen.newest():
            trials.look_at(form)
    except TooSlowError:
        seen = seen._replace(complete=False)
    decided = _decided(rules, seen, deadline)
    findings = [*_of_each(rules, seen, decided), *trials.findings(), *conflicts(rules, seen.keys(), deadline)]
    if not seen.complete or time.monotonic() > deadline:
        findings.append(RuleFinding("", "information", _NOT_LOOKED_AT))
    places = {rule.name: place for place, rule in enumerate(rules.rules)}
    return sorted(findings, key=lambda one: (places.get(one.rule, len(places)), _LEVELS.index(one.level)))


def _decided(rules: RuleSet, seen: Recent, deadline: float) -> Counter[str | None] | None:
    """How many recent executions each rule decides of; None if there was no time."""
    ids = [id_ for form in seen.forms for id_ in form.execution_ids]
    try:
        with bounded_reading(max(_LEAST, deadline - time.monotonic())):
            return Counter(rule for rule, _ in decided_by(rules.rules, ids).values())
    except TooSlowError:
        return None


def _of_each(rules: RuleSet, seen: Recent, decided: Counter[str | None] | None) -> Iterator[RuleFinding]:
    for rule in rules.rules:
        if not rule.enabled:
            continue
        if seen.complete and not any(matches(rule.workflow, workflow) for workflow in seen.workflows):
            yield RuleFinding(rule.name, "warning", _NO_WORKFLOW.format(workflow=rule.workflow))
        elif rule.kind == "scope" and decided is not None:
            yield from _of_scope(rule, seen, decided)
        elif rule.kind == "column":
            yield from _of_column(rule, rules, seen)
        elif rule.kind == "rows":
            yield from _of_rows(rule, rules, seen)


def _of_scope(rule: ScopeRule, seen: Recent, decided: Counter[str | None]) -> Iterator[RuleFinding]:
    executions = sum(len(form.execution_ids) for form in seen.forms if matches(rule.workflow, form.workflow_id))
    if executions:
        verb, some = f"{rule.action}s", decided[rule.name]
        said = (_DECIDES if some else _DECIDES_NOTHING).format(verb=verb, some=some, executions=_executions(executions))
        yield RuleFinding(rule.name, "information" if some else "warning", said)


def _of_column(rule: ColumnRule, rules: RuleSet, seen: Recent) -> Iterator[RuleFinding]:
    is_for = matcher(rule.columns)
    forms = [form for form in seen.forms if matches(rule.workflow, form.workflow_id)]
    matched = {key for form in forms for key in form.keys if key is not None and is_for(key)}
    some = sum(len(form.execution_ids) for form in forms if any(key in matched for key in form.keys))
    executions = sum(len(form.execution_ids) for form in forms)
    if matched:
        said = _MATCHED.format(columns=listed(matched), some=some, executions=_executions(executions))
        yield RuleFinding(rule.name, "information", said)
    elif executions:
        said = _NO_COLUMN.format(executions=_executions(executions)) + _hint(rules, rule.columns)
        yield RuleFinding(rule.name, "warning", said)
    if isinstance(rule, _HIDING) and (missed := _missed(rule, rules, forms)):
        yield RuleFinding(rule.name, "warning", _ALIKE.format(columns=listed(missed)))


def _missed(rule: ColumnRule, rules: RuleSet, forms: Sequence[Form]) -> set[str]:
    """Keys that people take for what a rule names, as Snowflake does for most, and that no rule hides."""
    is_for, is_alike = matcher(rule.columns), matcher(map(_folded, rule.columns))
    alike = {
        (form.workflow_id, key)
        for form in forms
        for key in form.keys
        if key is not None and not is_for(key) and is_alike(_folded(key))
    }
    return {key for workflow_id, key in alike if not _is_hidden(key, rules.plan(workflow_id).columns)}


def _is_hidden(key: str, rules: Sequence[ColumnRule]) -> bool:
    return any(
        matcher(rule.columns)(key) != isinstance(rule, KeepOnly)
        for rule in rules
        if isinstance(rule, _HIDING | KeepOnly)
    )


def _folded(name: str) -> str:
    """Without what tells names apart that look alike: capitals, and how letters are composed."""
    return normalize("NFKC", normalize("NFKC", name).casefold())


def _of_rows(rule: RowsRule, rules: RuleSet, seen: Recent) -> Iterator[RuleFinding]:
    compared = columns_in(rule.where)
    forms = [form for form in seen.forms if matches(rule.workflow, form.workflow_id)]
    lacking = [(form, compared - {*form.keys}) for form in forms if not compared <= {*form.keys}]
    if lacking:
        columns = set().union(*(keys for _, keys in lacking))
        some = sum(len(form.execution_ids) for form, _ in lacking)
        executions = _executions(sum(len(form.execution_ids) for form in forms))
        said = _NOT_THERE.format(columns=listed(columns), some=some, executions=executions) + _hint(rules, columns)
        yield RuleFinding(rule.name, "error", said)


def _hint(rules: RuleSet, names: Collection[str]) -> str:
    """For names that a rule gives: rules name columns as the result does."""
    given = (rule for rule in rules.rules if rule.enabled and isinstance(rule, Rename) and rule.to in names)
    other = next(given, None)
    return _RENAMED.format(other=other.name) if other else ""


def _executions(number: int) -> str:
    return f"{number:,} execution{'s' * (number != 1)}"
