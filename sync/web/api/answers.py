"""What answers look like, and how they are made of rows."""

from typing import Any

from django.db import models
from rest_framework import serializers

from sync.errors import Retry
from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.reporting import ExecutionSync, WorkflowViews, error_of
from sync.web.api.shapes import Counts, Flag, Moment, Number, Shape, Some, Text, names

Status = SyncQueueItem.Status
_WORST_FIRST = (Status.FAILED, Status.PROCESSING, Status.PENDING, Status.COMPLETED, Status.SKIPPED)


# A docstring here would be the description of every answer in the schema.
class RowAnswer(serializers.ModelSerializer[Any]):  # of a stored row: each field is in every answer
    def get_field_names(self, declared_fields: Any, info: Any) -> list[str]:
        """What a class adds to that of the same row which it extends comes last."""
        return [*self.Meta.fields, *(name for name in declared_fields if name not in self.Meta.fields)]

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


class FieldError(Shape):
    field = Text("Empty where it is the body as a whole.")
    code = Text()
    detail = Text()


class ProblemDocument(Shape):
    """An error, as in RFC 9457. `code` is stable; `detail` is for people."""

    type = Text(default="about:blank")
    title = Text()
    status = Number()
    code = Text()
    detail = Text()
    what_to_do = Text()
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]  # the document's member, not DRF's


class StatusCount(Shape):
    count = Number()
    oldest_item = Moment(allow_null=True)
    newest_item = Moment(allow_null=True)
    avg_retries = serializers.FloatField()


class StatsSummary(Shape):
    total = Number()
    lag_seconds = serializers.FloatField(help_text="How long the oldest item that may run has been waiting.")
    as_of = Moment("When this was counted: at most some seconds ago.")


class Stats(Shape):
    pending = StatusCount()
    processing = StatusCount()
    completed = StatusCount()
    failed = StatusCount()
    skipped = StatusCount()
    summary = StatsSummary()


class FailedItem(Shape):
    id = serializers.UUIDField()
    execution_id = Text()
    user_email = Text(allow_null=True)
    workflow_name = Text(allow_null=True)
    error_message = Text(allow_null=True)
    error_code = Text("Stable; empty where it is not known.")
    what_to_do = Text()
    retry_count = Number()
    created_at = Moment()
    updated_at = Moment("When it failed.")


class Destination(Shape):
    id = serializers.UUIDField()
    name = Text(source="__str__")


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
        fields = names(
            "id destination status retry_count max_retries run_after error_code error_message what_to_do retry_helps "
            "schema_name table_name row_count source_row_count rules_version created_at updated_at processed_at"
        )


class QueueItem(ItemState):
    execution_id = Text()
    workflow_id = Text(allow_null=True)
    workflow_name = Text(allow_null=True)
    user_email = Text(allow_null=True)


class QueuePage(Shape):
    items = QueueItem(many=True)
    total_count = Number("How many there are; no more than 10,000 are counted.", source="total")
    total_count_is_exact = Flag("false: there may be more.", source="total_is_exact")
    next_cursor = Text("null: this is the last page.", source="after.encode", allow_null=True)


class RetryAnswer(Shape):
    success = Flag()
    message = Text()


class ChangeAnswer(Shape):
    wanted = Number("Items that the change is for, as they were counted.")
    changed = Number(default=0)
    meanwhile = Number("Left alone: they changed after they were counted.", default=0)
    held = Number("Left alone: somebody else held them. Try again.", default=0)
    excluded = Number("Skipped: a rule of their destination excludes them.", default=0)
    no_owner = Number("Left alone: their workflow belongs to nobody.")
    others = Counts("In a state that the change is not for, by status.")
    finished = Flag(default=True)


class Attempt(RowAnswer):
    timings = serializers.DictField(child=serializers.FloatField(), allow_null=True, help_text="Milliseconds a stage.")
    query_ids = Some(Text(), allow_null=True)
    dropped_columns = Some(Text(), "Left out because no earlier result of the workflow had them.", allow_null=True)
    what_to_do = WhatToDo()

    class Meta:
        model = SyncAttempt
        fields = names(
            "outcome started_at finished_at timings row_count source_row_count rules_version dropped_columns "
            "byte_count batch_size statement_count query_ids error_code error_message what_to_do"
        )


class DestinationSync(ItemState):
    latest_view = Text("Shows the latest completed result of the workflow; null: there is none.", allow_null=True)
    all_view = Text("Shows all results that have its columns; null: there is none.", allow_null=True)
    attempts = Attempt(source="latest_attempts", many=True, help_text="The latest 50, the oldest first.")


class SyncStatus(RowAnswer):
    execution_status = Text(source="status")
    workflow_name = Text(source="workflow.name", allow_null=True)
    sync_queue_status = serializers.ChoiceField(
        source="worst.status",
        choices=Status.choices,
        allow_null=True,
        help_text="Of the destination that most needs a look; null: not queued yet.",
    )
    sync_queue_retry_count = Number(source="worst.retry_count", allow_null=True)
    sync_queue_error = Text(source="worst.error_message", allow_null=True)
    destinations = DestinationSync(source="items", many=True)

    class Meta:
        model = WorkflowExecution
        fields = names(
            "execution_id execution_status workflow_name sync_queue_status sync_queue_retry_count sync_queue_error "
            "snowflake_enabled snowflake_status snowflake_table_name snowflake_schema_name snowflake_error_message "
            "snowflake_uploaded_at snowflake_row_count destinations"
        )


def with_items(found: ExecutionSync) -> WorkflowExecution:
    """An execution with its destinations and their attempts, for SyncStatus."""
    execution: Any = found.execution
    for item in found.items:
        views = found.views.get(item.configuration_id, WorkflowViews())
        item.latest_attempts = found.attempts[item.pk]  # type: ignore[attr-defined]  # for DestinationSync
        item.latest_view, item.all_view = views.latest, views.all  # type: ignore[attr-defined]
    execution.items = found.items
    execution.worst = min(found.items, key=lambda item: _WORST_FIRST.index(Status(item.status)), default=None)
    return found.execution


class BackfillAnswer(Shape):
    message = Text()
    queued_count = Number()
    left_alone = Counts("Executions that were looked at and not queued, by reason.")
    rules = Counts("Of those that are `excluded`, how many each rule excludes; an empty name: none includes them.")
    finished = Flag("false: the limit or the time was reached.")
    position = Text("Where to go on, as `after`, where it is not finished.")
