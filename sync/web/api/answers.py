"""What answers look like, and how they are made of rows."""

from typing import Any, ClassVar

from django.db import models
from rest_framework import serializers

from sync.errors import Retry
from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.reporting import ExecutionSync, error_of

Status = SyncQueueItem.Status
_WORST_FIRST = (Status.FAILED, Status.PROCESSING, Status.PENDING, Status.COMPLETED, Status.SKIPPED)


# A docstring here would be the description of every answer in the schema.
class RowAnswer(serializers.ModelSerializer[Any]):  # of a stored row: each field is in every answer
    def build_standard_field(self, field_name: str, model_field: "models.Field[Any, Any]") -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        choices = {"choices": options["choices"]} if "choices" in options else {}
        return kind, {"allow_null": model_field.null, **choices}


class WhatToDo(serializers.CharField):
    """What to do about the error of an item or an attempt."""

    def __init__(self) -> None:
        super().__init__(source="*", allow_null=True)

    def to_representation(self, value: Any) -> Any:
        error = error_of(value)
        return (error and error.remedy) or None


class RetryHelps(serializers.ChoiceField):
    """Whether another try of an item can help."""

    def __init__(self) -> None:
        super().__init__(
            [retry.value for retry in Retry],
            source="*",
            allow_null=True,
            help_text="Of a failed item: `now`, `once_mended` (when what_to_do is done), or `never`.",
        )

    def to_representation(self, value: Any) -> Any:
        error = error_of(value)
        return error.retry if error and value.status == Status.FAILED else None


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
    name = serializers.CharField(source="__str__")


class ItemState(RowAnswer):
    """How far an execution has come on its way to one destination."""

    id = serializers.UUIDField(help_text="The item's: what retry takes.")
    destination = Destination(
        source="configuration", allow_null=True, help_text="null: not routed yet, or nowhere to go."
    )
    what_to_do = WhatToDo()
    retry_helps = RetryHelps()

    class Meta:
        model = SyncQueueItem
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "destination",
            "status",
            "retry_count",
            "max_retries",
            "run_after",
            "error_code",
            "error_message",
            "what_to_do",
            "retry_helps",
            "schema_name",
            "table_name",
            "row_count",
            "source_row_count",
            "rules_version",
            "created_at",
            "updated_at",
            "processed_at",
        )


class QueueItem(ItemState):
    execution_id = serializers.CharField()
    workflow_id = serializers.CharField(allow_null=True)
    workflow_name = serializers.CharField(allow_null=True)
    user_email = serializers.CharField(allow_null=True)

    class Meta(ItemState.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *ItemState.Meta.fields,
            "execution_id",
            "workflow_id",
            "workflow_name",
            "user_email",
        )


class QueuePage(serializers.Serializer[Any]):
    items = QueueItem(many=True)
    total_count = serializers.IntegerField(
        source="total", help_text="How many there are; no more than 10,000 are counted."
    )
    total_count_is_exact = serializers.BooleanField(source="total_is_exact", help_text="false: there may be more.")
    next_cursor = serializers.CharField(
        source="after.encode", allow_null=True, help_text="null: this is the last page."
    )


class RetryAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()


class ChangeAnswer(serializers.Serializer[Any]):
    wanted = serializers.IntegerField(help_text="Items that the change is for, as they were counted.")
    changed = serializers.IntegerField(default=0)
    meanwhile = serializers.IntegerField(default=0, help_text="Left alone: they changed after they were counted.")
    held = serializers.IntegerField(default=0, help_text="Left alone: somebody else held them. Try again.")
    excluded = serializers.IntegerField(default=0, help_text="Skipped: a rule of their destination excludes them.")
    no_owner = serializers.IntegerField(help_text="Left alone: their workflow belongs to nobody.")
    others = serializers.DictField(
        child=serializers.IntegerField(), help_text="In a state that the change is not for, by status."
    )
    finished = serializers.BooleanField(default=True)


class Attempt(RowAnswer):
    timings = serializers.DictField(child=serializers.FloatField(), allow_null=True, help_text="Milliseconds a stage.")
    query_ids = serializers.ListField(child=serializers.CharField(), allow_null=True)
    dropped_columns = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Left out because no earlier result of the workflow had them.",
    )
    what_to_do = WhatToDo()

    class Meta:
        model = SyncAttempt
        fields: ClassVar[tuple[str, ...]] = (
            "outcome",
            "started_at",
            "finished_at",
            "timings",
            "row_count",
            "source_row_count",
            "rules_version",
            "dropped_columns",
            "byte_count",
            "batch_size",
            "statement_count",
            "query_ids",
            "error_code",
            "error_message",
            "what_to_do",
        )


class DestinationSync(ItemState):
    attempts = Attempt(source="latest_attempts", many=True, help_text="The latest 50, the oldest first.")

    class Meta(ItemState.Meta):
        fields: ClassVar[tuple[str, ...]] = (*ItemState.Meta.fields, "attempts")


class SyncStatus(RowAnswer):
    execution_status = serializers.CharField(source="status")
    workflow_name = serializers.CharField(source="workflow.name", allow_null=True)
    sync_queue_status = serializers.ChoiceField(
        source="worst.status",
        choices=Status.choices,
        allow_null=True,
        help_text="Of the destination that most needs a look; null: not queued yet.",
    )
    sync_queue_retry_count = serializers.IntegerField(source="worst.retry_count", allow_null=True)
    sync_queue_error = serializers.CharField(source="worst.error_message", allow_null=True)
    destinations = DestinationSync(source="items", many=True)

    class Meta:
        model = WorkflowExecution
        fields: ClassVar[tuple[str, ...]] = (
            "execution_id",
            "execution_status",
            "workflow_name",
            "sync_queue_status",
            "sync_queue_retry_count",
            "sync_queue_error",
            "snowflake_enabled",
            "snowflake_status",
            "snowflake_table_name",
            "snowflake_schema_name",
            "snowflake_error_message",
            "snowflake_uploaded_at",
            "snowflake_row_count",
            "destinations",
        )


def with_items(found: ExecutionSync) -> WorkflowExecution:
    """An execution with its destinations and their attempts, for SyncStatus."""
    execution: Any = found.execution
    for item in found.items:
        item.latest_attempts = found.attempts[item.pk]  # type: ignore[attr-defined]  # for DestinationSync
    execution.items = found.items
    execution.worst = min(found.items, key=lambda item: _WORST_FIRST.index(Status(item.status)), default=None)
    return found.execution


class BackfillAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    queued_count = serializers.IntegerField()
    left_alone = serializers.DictField(
        child=serializers.IntegerField(), help_text="Executions that were looked at and not queued, by reason."
    )
    rules = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Of those that are `excluded`, how many each rule excludes; an empty name: none includes them.",
    )
    finished = serializers.BooleanField(help_text="false: the limit or the time was reached.")
    position = serializers.CharField(help_text="Where to go on, as `after`, where it is not finished.")
