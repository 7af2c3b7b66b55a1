"""Rules tried on the newest result of each workflow that they are for: what would not fit, and what would do nothing.

Each is tried by itself, on the first rows of the columns that it is for, through the projection that loads use.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from django.db import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import SyncError
from sync.operations.rules.conflicts import columns_in
from sync.operations.rules.finding import RuleFinding, listed
from sync.operations.rules.recent import Form
from sync.postgres import TooSlowError, bounded_reading
from sync.results import Examined, Shape, check_rows, counted, examine, rows_with, shape_of
from sync.rules import (
    AddRule,
    Cast,
    ColumnRule,
    Drop,
    Hash,
    KeepOnly,
    Mask,
    Plan,
    Replace,
    RowsRule,
    Rule,
    RuleSet,
    SetNull,
    matcher,
    steps,
)

# Rows of a result that are looked at, and columns that one rule is for. Hashes are easily told apart where a column has
# fewer than so many different values in at least so many rows.
ROWS, COLUMNS = 10_000, 100
FEW, MANY = 20, 200
_LEAST = 0.05

_REFUSED = "would make a load fail: {happened}. Correct the rule, or what the workflow writes."
_TOGETHER = "Together, the rules would make a load fail: {happened}. Correct them, or what the workflow writes."
_NOWHERE = "has a path that leads to no value in {rows} recent rows. Correct it, unless such values are still to come."
_ALL_OUT = "leaves out all of {rows} recent rows. Correct its conditions, unless that is meant."
_FEW = (
    "hashes {columns} with fewer than {few} different values: whoever has the key can easily tell which hash is which, "
    "and nobody else can. If that is too much, drop it."
)


@dataclass
class _Seen:
    """What a rule did in so many `rows`. `hits`: those that it keeps, or in which its path leads to a value."""

    rows: int = 0
    hits: int = 0
    few: set[str] = field(default_factory=set)
    refused: SyncError | None = None


class Trials:
    """The rules that are on, tried on one form of results after the other until `deadline` (time.monotonic())."""

    def __init__(self, rules: RuleSet, deadline: float) -> None:
        self._rules, self._deadline = rules, deadline
        self._seen: dict[str, tuple[Rule, _Seen]] = {}
        self._together: SyncError | None = None

    def look_at(self, form: Form) -> None:
        """Tries what is for the workflow on its newest result of that form. Raises TooSlowError."""
        plan = self._rules.plan(form.workflow_id)
        with self._limit(), connection.cursor() as wrapper:
            found = examine(wrapper.cursor, form.execution_ids[:1])[form.execution_ids[0]]
            if _refusal(wrapper.cursor, found, Plan(), 0):
                # So it is without any rules, too.
                return
            for rule in (*plan.columns, *plan.rows, *plan.added):
                self._try(wrapper.cursor, found, rule)
            is_told = any(columns_in(rule.where) - set(found.names) for rule in plan.rows)
            if not is_told and not any(seen.refused for _, seen in self._seen.values()):
                self._together = self._together or _refusal(wrapper.cursor, found, _without_key(plan), 0)

    def findings(self) -> Iterator[RuleFinding]:
        """What there is to say."""
        for name, (rule, seen) in self._seen.items():
            rows = f"{seen.rows:,}"
            if seen.refused:
                yield RuleFinding(name, "error", _REFUSED.format(happened=seen.refused.happened))
            elif seen.rows and not seen.hits:
                nothing = _ALL_OUT if isinstance(rule, RowsRule) else _NOWHERE
                yield RuleFinding(name, "warning", nothing.format(rows=rows))
            if seen.few:
                yield RuleFinding(name, "information", _FEW.format(columns=listed(seen.few), few=FEW))
        if self._together:
            yield RuleFinding("", "error", _TOGETHER.format(happened=self._together.happened))

    def _try(self, cursor: Cursor, found: Examined, rule: Rule) -> None:
        _, seen = self._seen.setdefault(rule.name, (rule, _Seen()))
        keys = [key for key in found.names if key is not None]
        with self._limit():
            match rule:
                case RowsRule() if columns_in(rule.where) <= set(keys):
                    self._try_rows(cursor, found, Plan(rows=(rule,), columns=(_only(keys[:1]),)), seen)
                case AddRule():
                    plan = Plan(added=(rule,), columns=(_only(keys[:1]), _nothing_in(keys[:1])))
                    seen.refused = seen.refused or _refusal(cursor, found, plan, ROWS)
                case Cast() | Replace() | Hash() | Mask() | Drop(path=str() | tuple()):
                    meant = list(filter(matcher(rule.columns), keys))[:COLUMNS]
                    if meant:
                        self._try_columns(cursor, found, rule, meant, seen)

    def _try_rows(self, cursor: Cursor, found: Examined, plan: Plan, seen: _Seen) -> None:
        try:
            shape = _first(shape_of(cursor, found, plan, is_trial=True))
        except SyncError as error:
            seen.refused = seen.refused or error
        else:
            seen.rows += shape.rows
            seen.hits += counted(cursor, shape, []).rows

    def _try_columns(self, cursor: Cursor, found: Examined, rule: ColumnRule, keys: Sequence[str], seen: _Seen) -> None:
        plain = Plan(columns=(_only(keys),))
        path = getattr(rule, "path", None)
        error = _refusal(cursor, found, _without_key(Plan(columns=(rule, *plain.columns))), ROWS)
        seen.refused = seen.refused or error
        if (path is None and not isinstance(rule, Hash)) or error:
            return
        shape = _first(shape_of(cursor, found, plain, is_trial=True))
        if path is not None:
            positions = [at for at, key in enumerate(found.names) if key in keys]
            seen.rows += shape.rows
            seen.hits += rows_with(cursor, shape, positions, steps(path))
        else:
            sums = counted(cursor, shape, range(len(shape.columns)))
            told = zip(shape.columns, sums.values, sums.different, strict=True)
            seen.few |= {column.key for column, values, different in told if values >= MANY and different < FEW}

    def _limit(self) -> AbstractContextManager[None]:
        if (left := self._deadline - time.monotonic()) < _LEAST:
            raise TooSlowError
        return bounded_reading(left)


def _refusal(cursor: Cursor, found: Examined, plan: Plan, rows: int) -> SyncError | None:
    """The error of a load by the plan, as far as it comes in the first `rows`."""
    try:
        shape = shape_of(cursor, found, plan, is_trial=True)
        if rows and shape.rows:
            check_rows(cursor, _first(shape))
    except SyncError as error:
        return error
    return None


def _first(shape: Shape) -> Shape:
    return replace(shape, rows=min(ROWS, shape.rows))


def _without_key(plan: Plan) -> Plan:
    """The same with masks, which leave columns of the same types, in the place of hashes."""
    return replace(plan, columns=tuple(_masking(rule) if isinstance(rule, Hash) else rule for rule in plan.columns))


def _masking(rule: Hash) -> Mask:
    return Mask(name=rule.name, kind="column", action="mask", columns=rule.columns, path=rule.path)


def _only(keys: Sequence[str]) -> KeepOnly:
    # Unchecked: a result has names that no rule may give.
    return KeepOnly.model_construct(name="only these", kind="column", action="keep_only", columns=tuple(keys))


def _nothing_in(keys: Sequence[str]) -> SetNull:
    return SetNull.model_construct(name="nothing", kind="column", action="null", columns=tuple(keys))
