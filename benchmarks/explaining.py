"""What the statements that claim() sends really do, seen from outside: EXPLAIN in their place."""

from collections.abc import Callable
from typing import Any

from django.db import connection


class _Explained(Exception):  # noqa: N818 - not an error: claim() cannot make items of a plan
    """Instead of claimed items, the plans."""


def explained(claim: Callable[[], object], *, items: int) -> int:
    """Shared buffers that a call of claim() touches, in memory or not. RuntimeError unless it claims so many items.

    The session has to know its statements: it has claimed before.
    """
    try:
        with connection.execute_wrapper(_explain):
            claim()
    except _Explained as found:
        plans = found.args[0]
        if plans[-1]["Actual Rows"] != items:
            raise RuntimeError(f"{plans[-1]['Actual Rows']} items were claimed, not {items}") from None
        return sum(int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]) for plan in plans)
    raise RuntimeError("claim() did not run the statements that were expected")


def _explain(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """The claim's own statements are explained while they run; all others are as they are."""
    before, name, statements = sql.partition("EXECUTE snowflake_sync_")
    if "%(lease_seconds)s" not in statements:
        return execute(sql, params, many, context)
    plans = []
    execute(f"BEGIN; {before}", params, many, context)
    for statement in (name + statements).split(";\n"):
        execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", params, many, context)
        plans.append(context["cursor"].fetchone()[0][0]["Plan"])
    execute("COMMIT", None, many, context)
    raise _Explained(plans)
