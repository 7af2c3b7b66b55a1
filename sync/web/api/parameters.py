"""What a request may say. Names and bounds are those of the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from sync.models import SyncQueueItem
from sync.reporting import Cursor, CursorError
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.shapes import Flag, Moment, Number, Some, Text

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
    user = Text(_WHOSE, required=False, max_length=320)


class FailedParameters(ScopeParameters):
    limit = LimitField()


class QueueParameters(ScopeParameters):
    limit = LimitField()
    cursor = CursorField(required=False, max_length=200, help_text="`next_cursor` of the page before.")
    status = serializers.ChoiceField(required=False, choices=SyncQueueItem.Status.choices)
    status_filter = serializers.ChoiceField(
        required=False, choices=SyncQueueItem.Status.choices, help_text="The earlier name of `status`."
    )
    destination = serializers.UUIDField(required=False, help_text="The id of a destination.")
    workflow = Text("Its workflow_id or id.", required=False, max_length=1000)
    since = Moment("Made then or later; UTC unless it names a zone.", required=False)
    until = Moment("Made before then.", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        earlier = attrs.pop("status_filter", None)
        if earlier and attrs.setdefault("status", earlier) != earlier:
            raise serializers.ValidationError({"status_filter": "It says another status than `status`: leave it out."})
        return attrs


class Changes(ClosedSerializer):
    ids = Some(serializers.UUIDField(), "Of items.", required=False, min_length=1, max_length=MOST_CHANGED)
    execution_ids = Some(Text(max_length=1000), required=False, min_length=1, max_length=MOST_CHANGED)
    dry_run = Flag("Count, and change nothing.", required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"ids", "execution_ids"} & attrs.keys():
            raise serializers.ValidationError({"ids": "Name what you mean: ids, or execution_ids."})
        return attrs


class Backfill(ClosedSerializer):
    since = Moment("Executions made then or later; UTC unless it names a zone.", required=False, allow_null=True)
    until = Moment("Executions made before then.", required=False, allow_null=True)
    workflow = Text("Of this workflow: its workflow_id or id.", required=False, allow_null=True, max_length=1000)
    limit = Number("Queue so many at most.", required=False, allow_null=True, min_value=1, max_value=2**31 - 1)
    force = Flag("Also what is in Snowflake already, as if new results had come.", required=False, default=False)
    dry_run = Flag("Count, and change nothing.", required=False, default=False)
    after = Text(
        required=False,
        allow_blank=True,
        default="",
        max_length=1000,
        help_text="`position` of an answer that was not finished: go on from there.",
    )
    user = Text(_WHOSE, required=False, allow_null=True, max_length=320)
