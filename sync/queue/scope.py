"""Scope: which executions the rules of their destinations exclude."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sync.postgres import fetch, one_statement, read_sql
from sync.rules import Rule, documents

_SCOPES, _DECIDED, _UNDECIDED = read_sql(__file__, "scopes", "decided", "undecided")
_EXCLUDED_NOW, _DECIDED_BY = read_sql(__file__, "excluded_now", "decided_by")
# For other statements in a file that has one which decides.
WITHOUT_RULES = {"scopes": "", "decided": _UNDECIDED}
_ANY_RULES = "SELECT EXISTS (SELECT FROM snowflake_sync_rule_versions)"


def by_rules(module_file: str, name: str) -> Callable[[], str]:
    """A statement with `{scopes}` and `{decided}`, from the file beside a module; to be called for each use.

    Where nobody has ever made a rule it is one without them, which PostgreSQL plans in half the time: whatever is
    decided by it, a worker decides again before it loads.
    """
    (with_rules,) = read_sql(module_file, name, scopes=_SCOPES, decided=_DECIDED)
    (without,) = read_sql(module_file, name, **WITHOUT_RULES)
    return lambda: with_rules if fetch(_ANY_RULES)[0][0] else without


def excluded_now(
    configuration_id: UUID, version: int, execution_ids: Sequence[str], *, now: datetime | None = None
) -> dict[str, str]:
    """Of these executions, those that a version of the rules excludes, and the sentence that says which rule does."""
    params = {
        "configuration": configuration_id,
        "version": version,
        "executions": list(execution_ids),
        "now": now,
    }
    return dict(one_statement(_EXCLUDED_NOW, params))


def decided_by(
    rules: Iterable[Rule], execution_ids: Sequence[str], *, now: datetime | None = None
) -> dict[str, tuple[str | None, str | None]]:
    """By which rule it is decided of these executions, None if by none; and, of those that are excluded, what is said.

    Empty where no rule is about which executions go there. In whatever transaction is open, and within its limits.
    """
    params = {"rules": json.dumps(documents(rules), ensure_ascii=False), "executions": list(execution_ids), "now": now}
    return {execution_id: (rule, said) for execution_id, rule, said in fetch(_DECIDED_BY, params)}
