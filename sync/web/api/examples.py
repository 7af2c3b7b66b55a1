"""Examples for the OpenAPI schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_ITEM_ID = "6f1c7d0e-6f0b-4c2e-9d2a-0a4d3c5b7e11"
_DESTINATION = {"id": "0b6a8a34-5d0c-4a53-8f5e-7f5f6f0c9a21", "name": "Analytics"}
_EXECUTION_ID = "9d1f0c3a-report"
_MADE, _ENDED = "2026-11-22T20:04:11Z", "2026-11-22T20:04:13Z"
_MESSAGE = (
    "Execution 9d1f0c3a-report, column 'clicks', row 3: the value does not fit NUMBER(38,0), which takes a whole "
    "number of at most 38 digits."
)
_REMEDY = "Correct the value or declare a type in result_columns that holds it, then retry the run."
_NONE = {"count": 0, "oldest_item": None, "newest_item": None, "avg_retries": 0.0}
_FAILED_ITEM = {
    "id": _ITEM_ID,
    "destination": _DESTINATION,
    "status": "failed",
    "retry_count": 0,
    "max_retries": 3,
    "run_after": _MADE,
    "error_code": "value_does_not_fit",
    "error_message": _MESSAGE,
    "what_to_do": _REMEDY,
    "retry_helps": "once_mended",
    "schema_name": None,
    "table_name": None,
    "row_count": None,
    "source_row_count": None,
    "rules_version": None,
    "created_at": _MADE,
    "updated_at": _ENDED,
    "processed_at": _ENDED,
}
_ATTEMPT: dict[str, Any] = {
    "outcome": "failed",
    "started_at": "2026-11-22T20:04:12Z",
    "finished_at": _ENDED,
    "timings": {"extract": 11.2},
    "row_count": None,
    "source_row_count": None,
    "rules_version": 0,
    "dropped_columns": None,
    "byte_count": None,
    "batch_size": 1,
    "statement_count": 0,
    "query_ids": [],
    "error_code": "value_does_not_fit",
    "error_message": _MESSAGE,
    "what_to_do": _REMEDY,
}


def answer(name: str, value: Any, status: str = "200") -> OpenApiExample:
    """What is answered with this status."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


STATS = [
    answer(
        "A day's work",
        {
            "pending": {"count": 2, "oldest_item": _MADE, "newest_item": _ENDED, "avg_retries": 0.5},
            "processing": {"count": 1, "oldest_item": _MADE, "newest_item": _MADE, "avg_retries": 0.0},
            "completed": {"count": 840, "oldest_item": _MADE, "newest_item": _ENDED, "avg_retries": 0.01},
            "failed": _NONE,
            "skipped": _NONE,
            "summary": {"total": 843, "lag_seconds": 1.2, "as_of": _ENDED},
        },
    )
]
FAILED = [
    answer(
        "A value that does not fit",
        {
            "id": _ITEM_ID,
            "execution_id": _EXECUTION_ID,
            "user_email": "ada@example.com",
            "workflow_name": "Campaign report",
            "error_message": _MESSAGE,
            "error_code": "value_does_not_fit",
            "what_to_do": _REMEDY,
            "retry_count": 0,
            "created_at": _MADE,
            "updated_at": _ENDED,
        },
    )
]
QUEUE = [
    answer(
        "The first page",
        {
            "items": [
                {
                    "execution_id": _EXECUTION_ID,
                    "workflow_id": "campaign-report",
                    "workflow_name": "Campaign report",
                    "user_email": "ada@example.com",
                    **_FAILED_ITEM,
                }
            ],
            "total_count": 10_000,
            "total_count_is_exact": False,
            "next_cursor": "WyIyMDI2LTExLTIyVDIwOjA0OjExKzAwOjAwIiwiNmYxYzdkMGU2ZjBiNGMyZTlkMmEwYTRkM2M1YjdlMTEiXQ",
        },
    )
]
SYNC_STATUS = [
    answer(
        "One destination, failed",
        {
            "execution_id": _EXECUTION_ID,
            "execution_status": "completed",
            "workflow_name": "Campaign report",
            "sync_queue_status": "failed",
            "sync_queue_retry_count": 0,
            "sync_queue_error": _MESSAGE,
            "snowflake_enabled": False,
            "snowflake_status": "failed",
            "snowflake_table_name": None,
            "snowflake_schema_name": None,
            "snowflake_error_message": f"{_MESSAGE} {_REMEDY}",
            "snowflake_uploaded_at": None,
            "snowflake_row_count": None,
            "destinations": [{**_FAILED_ITEM, "attempts": [_ATTEMPT]}],
        },
    )
]
RETRY = [answer("Queued again", {"success": True, "message": f"Execution {_EXECUTION_ID} is queued again."})]
CHANGE = [
    OpenApiExample("Two items", value={"ids": [_ITEM_ID, _DESTINATION["id"]]}, request_only=True),
    OpenApiExample(
        "An execution, counted only", value={"execution_ids": [_EXECUTION_ID], "dry_run": True}, request_only=True
    ),
    answer(
        "One was changed, one is loaded already",
        {
            "wanted": 1,
            "changed": 1,
            "meanwhile": 0,
            "held": 0,
            "excluded": 0,
            "no_owner": 0,
            "others": {"completed": 1},
            "finished": True,
        },
    ),
]
BACKFILL = [
    OpenApiExample("All that is missing", value={}, request_only=True),
    OpenApiExample(
        "One workflow's month, counted only",
        value={
            "workflow": "campaign-report",
            "since": "2026-10-01T00:00:00Z",
            "until": "2026-11-01T00:00:00Z",
            "dry_run": True,
        },
        request_only=True,
    ),
    answer(
        "Queued",
        {
            "message": "42 executions queued.",
            "queued_count": 42,
            "left_alone": {"there": 790, "excluded": 8},
            "rules": {"no test runs": 8},
            "finished": True,
            "position": "",
        },
    ),
]
