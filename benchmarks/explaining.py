"""What the statement that claim() sends really does, seen from outside: EXPLAIN in its place."""

from collections.abc import Callable
from typing import Any

from django.db import connection


class _Explained(Exception):  # noqa: N818 - not an error: claim() cannot make items of a plan
    """Instead of claimed items, the plan."""


def explained(claim: Callable[[], object], *, items: int) -> int:
    """Shared buffers that a call of claim() touches, in memory or not. RuntimeError unless it claims so many items."""
    try:
        with connection.execute_wrapper(_explain):
            claim()
    except _Explained as found:
        plan = found.args[0]["Plan"]
        if plan["Actual Rows"] != items:
            raise RuntimeError(f"{plan['Actual Rows']} items were claimed, not {items}") from found
        return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
    raise RuntimeError("claim() did not run the statement that was expected")


def _explain(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """The claim's own statement is explained while it runs; all others are as they are."""
    before, prepared, arguments = sql.rpartition("EXECUTE snowflake_sync_")
    if "%(lease_seconds)s" not in arguments:
        return execute(sql, params, many, context)
    execute(f"{before}EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {prepared}{arguments}", params, many, context)
    raise _Explained(context["cursor"].fetchone()[0][0])
