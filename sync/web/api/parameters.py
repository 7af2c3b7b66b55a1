"""What a request may say. Names and bounds are those of the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from sync.models import SyncQueueItem
from sync.reporting import Cursor, CursorError
from sync.web.api.parsing import ClosedSerializer

MOST = 500
# Items or executions that one request may name.
MOST_CHANGED = 1_000
_WHOSE = "For staff: only this user's, by id or e-mail address. Others may name themselves."


class LimitField(serializers.IntegerField):
    """How many lines of a list. More than there may be is as many as there may be."""

    def __init__(self) -> None:
        super().__init__(required=False, default=50, min_value=1, help_text=f"How many at most; {MOST} are the most.")

    def to_internal_value(self, data: Any) -> int:
        return min(super().to_internal_value(data), MOST)


class CursorField(serializers.CharField):
    """Where a page ended."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        word = super().run_validation(data)
        try:
            return Cursor.decode(word)
        except CursorError:
            raise serializers.ValidationError(
                "This is no cursor. Take next_cursor of an answer, or leave it out for the first page.", "bad_cursor"
            ) from None


class ScopeParameters(ClosedSerializer):
    user = serializers.CharField(required=False, max_length=320, help_text=_WHOSE)


class FailedParameters(ScopeParameters):
    limit = LimitField()


class QueueParameters(ScopeParameters):
    limit = LimitField()
    cursor = CursorField(required=False, max_length=200, help_text="`next_cursor` of the page before.")
    status = serializers.ChoiceField(required=False, choices=SyncQueueItem.Status.choices)
    status_filter = serializers.ChoiceField(
        required=False, choices=SyncQueueItem.Status.choices, help_text="The earlier name of `status`."
    )
    destination = serializers.UUIDField(required=False, help_text="The id of a Snowflake configuration.")
    workflow = serializers.CharField(required=False, max_length=1000, help_text="Its workflow_id or id.")
    since = serializers.DateTimeField(required=False, help_text="Made then or later; UTC unless it names a zone.")
    until = serializers.DateTimeField(required=False, help_text="Made before then.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        earlier = attrs.pop("status_filter", None)
        if earlier and attrs.setdefault("status", earlier) != earlier:
            raise serializers.ValidationError({"status_filter": "It says another status than `status`: leave it out."})
        return attrs


class Changes(ClosedSerializer):
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, min_length=1, max_length=MOST_CHANGED, help_text="Of items."
    )
    execution_ids = serializers.ListField(
        child=serializers.CharField(max_length=1000), required=False, min_length=1, max_length=MOST_CHANGED
    )
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Count, and change nothing.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"ids", "execution_ids"} & attrs.keys():
            raise serializers.ValidationError({"ids": "Name what you mean: ids, or execution_ids."})
        return attrs


class Backfill(ClosedSerializer):
    since = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Executions made then or later; UTC unless it names a zone."
    )
    until = serializers.DateTimeField(required=False, allow_null=True, help_text="Executions made before then.")
    workflow = serializers.CharField(
        required=False, allow_null=True, max_length=1000, help_text="Of this workflow: its workflow_id or id."
    )
    limit = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**31 - 1, help_text="Queue so many at most."
    )
    force = serializers.BooleanField(
        required=False, default=False, help_text="Also what is in Snowflake already, as if new results had come."
    )
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Count, and change nothing.")
    after = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=1000,
        help_text="`position` of an answer that was not finished: go on from there.",
    )
    user = serializers.CharField(required=False, allow_null=True, max_length=320, help_text=_WHOSE)
