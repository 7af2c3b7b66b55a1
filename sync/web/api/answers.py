"""What answers look like, for the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from sync.errors import Retry
from sync.models import SyncQueueItem


class FieldError(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="Empty where it is the body as a whole.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemDocument(serializers.Serializer[Any]):
    """An error, as in RFC 9457. `code` is stable; `detail` is for people."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    what_to_do = serializers.CharField()
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]  # the document's member, not DRF's


class StatusCount(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    oldest_item = serializers.DateTimeField(allow_null=True)
    newest_item = serializers.DateTimeField(allow_null=True)
    avg_retries = serializers.FloatField()


class StatsSummary(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    lag_seconds = serializers.FloatField(help_text="How long the oldest item that may run has been waiting.")
    as_of = serializers.DateTimeField(help_text="When this was counted: at most some seconds ago.")


class Stats(serializers.Serializer[Any]):
    pending = StatusCount()
    processing = StatusCount()
    completed = StatusCount()
    failed = StatusCount()
    skipped = StatusCount()
    summary = StatsSummary()


class FailedItem(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    execution_id = serializers.CharField()
    user_email = serializers.CharField(allow_null=True)
    workflow_name = serializers.CharField(allow_null=True)
    error_message = serializers.CharField(allow_null=True)
    error_code = serializers.CharField(help_text="Stable; empty where it is not known.")
    what_to_do = serializers.CharField()
    retry_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(help_text="When it failed.")


class Destination(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ItemState(serializers.Serializer[Any]):
    """How far an execution has come on its way to one destination."""

    id = serializers.UUIDField(help_text="The item's: what retry takes.")
    destination = Destination(allow_null=True, help_text="null: not routed yet, or nowhere to go.")
    status = serializers.ChoiceField(choices=SyncQueueItem.Status.choices)
    retry_count = serializers.IntegerField()
    max_retries = serializers.IntegerField()
    run_after = serializers.DateTimeField()
    error_code = serializers.CharField(allow_null=True)
    error_message = serializers.CharField(allow_null=True)
    what_to_do = serializers.CharField(allow_null=True)
    retry_helps = serializers.ChoiceField(
        [retry.value for retry in Retry],
        allow_null=True,
        help_text="Of a failed item: `now`, `once_mended` (when what_to_do is done), or `never`.",
    )
    schema_name = serializers.CharField(allow_null=True)
    table_name = serializers.CharField(allow_null=True)
    row_count = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)


class QueueItem(ItemState):
    execution_id = serializers.CharField()
    workflow_id = serializers.CharField(allow_null=True)
    workflow_name = serializers.CharField(allow_null=True)
    user_email = serializers.CharField(allow_null=True)


class QueuePage(serializers.Serializer[Any]):
    items = QueueItem(many=True)
    total_count = serializers.IntegerField(help_text="How many there are; no more than 10,000 are counted.")
    total_count_is_exact = serializers.BooleanField(help_text="false: there may be more.")
    next_cursor = serializers.CharField(allow_null=True, help_text="null: this is the last page.")


class RetryAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()


class Attempt(serializers.Serializer[Any]):
    outcome = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField()
    timings = serializers.DictField(child=serializers.FloatField(), allow_null=True, help_text="Milliseconds a stage.")
    row_count = serializers.IntegerField(allow_null=True)
    byte_count = serializers.IntegerField(allow_null=True)
    batch_size = serializers.IntegerField()
    statement_count = serializers.IntegerField(allow_null=True)
    query_ids = serializers.ListField(child=serializers.CharField(), allow_null=True)
    error_code = serializers.CharField(allow_null=True)
    error_message = serializers.CharField(allow_null=True)
    what_to_do = serializers.CharField(allow_null=True)


class DestinationSync(ItemState):
    attempts = Attempt(many=True, help_text="The latest 50, the oldest first.")


class SyncStatus(serializers.Serializer[Any]):
    execution_id = serializers.CharField()
    execution_status = serializers.CharField()
    workflow_name = serializers.CharField(allow_null=True)
    sync_queue_status = serializers.ChoiceField(
        choices=SyncQueueItem.Status.choices,
        allow_null=True,
        help_text="Of the destination that most needs a look; null: not queued yet.",
    )
    sync_queue_retry_count = serializers.IntegerField(allow_null=True)
    sync_queue_error = serializers.CharField(allow_null=True)
    snowflake_enabled = serializers.BooleanField(allow_null=True)
    snowflake_status = serializers.CharField(allow_null=True)
    snowflake_table_name = serializers.CharField(allow_null=True)
    snowflake_schema_name = serializers.CharField(allow_null=True)
    snowflake_error_message = serializers.CharField(allow_null=True)
    snowflake_uploaded_at = serializers.DateTimeField(allow_null=True)
    snowflake_row_count = serializers.IntegerField(allow_null=True)
    destinations = DestinationSync(many=True)


class BackfillAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    queued_count = serializers.IntegerField()
    left_alone = serializers.DictField(
        child=serializers.IntegerField(), help_text="Executions that were looked at and not queued, by reason."
    )
    finished = serializers.BooleanField(help_text="false: the limit or the time was reached.")
    position = serializers.CharField(help_text="Where to go on, as `after`, where it is not finished.")
