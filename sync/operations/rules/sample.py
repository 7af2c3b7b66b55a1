"""The parts of a preview: columns and rows before and after, sums, and what each rule did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.operations.rules.finding import listed
from sync.operations.rules.previewed import (
    ColumnStatistics,
    PreviewedColumn,
    PreviewedRow,
    PreviewedRows,
    PreviewStatistics,
    RuleEffect,
    RulePreview,
)
from sync.results import COLUMNS, Examined, Shape, counted, first_rows, preview, rows_with, shape_of
from sync.rules import Drop, Hash, KeepOnly, Mask, Plan, Rule, RuleSet, matcher, matches, steps
from sync.snowflake.identifiers import IdentifierCase
from sync.snowflake.load import columns_of, named
from sync.snowflake.types import parse_declared

_POLICIES = {
    "allow": "lets new columns come",
    "drop": "drops new columns: {}",
    "hold": "holds a result with new columns: {}",
}


def before(execution: UUID, found: Examined, plan: Plan, case: IdentifierCase) -> PreviewedRows:
    """The result as it came."""
    keys = [key or "" for key in found.names]
    types = zip(keys, found.types, map(_snowflakes, found.types), strict=True)
    columns = _columns([(key, key, declared, made) for key, declared, made in types], plan, case)
    rows = enumerate(preview(execution, _shown(columns)).rows, 1)
    return PreviewedRows(columns, _shown(columns), tuple(PreviewedRow(number, row) for number, row in rows))


def after(cursor: Cursor, shape: Shape, found: Examined, plan: Plan, case: IdentifierCase) -> PreviewedRows:
    """The result as it is loaded."""
    origins = [(None, None) if at is None else (found.names[at], found.types[at]) for at in shape.origins]
    made = zip(origins, shape.columns, strict=True)
    columns = _columns([(key, one.key, declared, one.type.ddl) for (key, declared), one in made], plan, case)
    rows = first_rows(cursor, shape, _shown(columns))
    return PreviewedRows(columns, _shown(columns), tuple(PreviewedRow(number, row) for number, row in rows))


def statistics(
    cursor: Cursor, shape: Shape, columns: Sequence[PreviewedColumn], plan: Plan, rows: int
) -> PreviewStatistics:
    """Sums over the rows that `shape` has of the result's, which are `rows`."""
    hashing = {rule.name for rule in plan.columns if isinstance(rule, Hash) and rule.path is None}
    hashed = [at for at, column in enumerate(columns) if hashing.intersection(column.rules)]
    sums = counted(cursor, shape, hashed)
    distinct = dict(zip(hashed, sums.different, strict=True))
    of_columns = [
        ColumnStatistics(column.name, sums.rows - values, distinct.get(at))
        for at, (column, values) in enumerate(zip(columns, sums.values, strict=True))
    ]
    return PreviewStatistics(rows, shape.rows, sums.rows, tuple(of_columns))


def rows_of_rules(cursor: Cursor, found: Examined, plan: Plan, shape: Shape, kept: int) -> dict[str, int]:
    """By rule, of the rows of `shape`: how many it leaves out, as if it were the only one; how many its path is in."""
    counts = {
        rule.name: rows_with(cursor, shape, positions, steps(rule.path))
        for rule in plan.columns
        if isinstance(rule, Drop | Hash | Mask)
        and rule.path is not None
        and (positions := _positions(matcher(rule.columns), found))
    }
    if len(plan.rows) == 1:
        return counts | {plan.rows[0].name: shape.rows - kept}
    alone = {rule.name: shape_of(cursor, found, Plan(rows=(rule,), columns=_blank(found))) for rule in plan.rows}
    bounded = {name: replace(one, rows=shape.rows) for name, one in alone.items()}
    return counts | {name: shape.rows - counted(cursor, one, []).rows for name, one in bounded.items()}


def _blank(found: Examined) -> tuple[KeepOnly, Mask]:
    """Rules that leave one column, of texts, whatever its type and values: what is only counted is not refused."""
    # Unchecked: a result has names that no rule may give.
    first = tuple(key for key in found.names if key is not None)[:1]
    return (
        KeepOnly.model_construct(name="one", kind="column", action="keep_only", columns=first),
        Mask.model_construct(name="blank", kind="column", action="mask", columns=first),
    )


def _positions(is_for: Callable[[str], bool], found: Examined) -> list[int]:
    return [at for at, key in enumerate(found.names) if key is not None and is_for(key)]


def effects(
    rules: RuleSet, found: Examined, seen: RulePreview, deciding: str | None, rows: Mapping[str, int]
) -> tuple[RuleEffect, ...]:
    """What each rule did, as far as it is known. `deciding`: the one by which the execution goes there, or does not."""
    keys = list(dict.fromkeys(key for key in found.names if key is not None))
    policies = (one for one in rules.rules if one.kind == "new_columns" and one.enabled)
    policy = next((one.name for one in policies if matches(one.workflow, seen.workflow_id)), None)
    return tuple(_effect(rule, keys, seen, rows.get(rule.name), {deciding, policy}) for rule in rules.rules)


def _effect(
    rule: Rule, keys: Sequence[str], seen: RulePreview, rows: int | None, deciding: set[str | None]
) -> RuleEffect:
    effect = partial(RuleEffect, rule.name, rule.kind)
    examined = f"{seen.statistics.examined if seen.statistics else 0:,} rows"
    if not (rule.enabled and matches(rule.workflow, seen.workflow_id)):
        return effect(f'is for workflows "{rule.workflow}", and this is another one' if rule.enabled else "is off")
    if rule.kind == "column":
        matched = tuple(filter(matcher(rule.columns), keys))
        said = f"is for {listed(matched)}" if matched else "matches no column"
        there = "" if rows is None else f", and its path leads to a value in {rows:,} of {examined}"
        return effect(said + there, matched, rows_matched=rows)
    if rule.kind == "rows":
        said = "compares every row" if rows is None else f"leaves out {rows:,} of {examined}"
        return effect(said, rows_left_out=rows)
    if rule.kind in ("scope", "new_columns") and rule.name not in deciding:
        return effect("does not decide")
    if rule.kind == "new_columns":
        return effect(_POLICIES[rule.policy].format(listed(seen.new_columns) if seen.new_columns else "none"))
    return effect(f"adds {listed([rule.column])}" if rule.kind == "add" else f"{rule.action}s the execution")


def _columns(
    of: Sequence[tuple[str | None, str, str | None, str]], plan: Plan, case: IdentifierCase
) -> tuple[PreviewedColumn, ...]:
    """From keys in the result, names, declared types and Snowflake's; those that rules add are the last."""
    rules = [(rule, matcher(rule.columns)) for rule in plan.columns]
    names = [name for _, name, _, _ in of]
    in_snowflake = columns_of(names, named([names], case, {})) or ()
    columns, added = [], iter(plan.added)
    for (key, _, declared, made), name in zip(of, in_snowflake, strict=True):
        by = (
            [next(added).name]
            if key is None
            else [rule.name for rule, is_for in rules if is_for(key) != isinstance(rule, KeepOnly)]
        )
        columns.append(PreviewedColumn(key, name, declared, made, tuple(by)))
    return tuple(columns)


def _shown(columns: Sequence[PreviewedColumn]) -> tuple[int, ...]:
    """Those that rules are for come before others where there are too many."""
    first = sorted(range(len(columns)), key=lambda at: not columns[at].rules)
    return tuple(sorted(first[:COLUMNS]))


def _snowflakes(declared: str | None) -> str:
    """Snowflake's type, as far as it can be told without the values; empty where there is none."""
    try:
        found = parse_declared(declared)
    except ValueError:
        return ""
    return found.ddl if found.is_resolved else "NUMBER"
