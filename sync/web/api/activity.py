"""/api/snowflake-sync/activity: who has changed what."""

from typing import Any, ClassVar

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sync.activity import ACTIONS, CHANGED, Kind
from sync.models import SyncActivity
from sync.reporting import VIEW_ACTIVITY, ActivityFilter, list_activity, sentence_of
from sync.web.api.base import SyncViewSet
from sync.web.api.parameters import CursorField, LimitField, ScopeParameters
from sync.web.api.parsing import parameters
from sync.web.api.scope import scope


class ActivityParameters(ScopeParameters):
    limit = LimitField()
    cursor = CursorField(required=False, max_length=200, help_text="`next_cursor` of the page before.")
    who = serializers.CharField(required=False, max_length=320, help_text="A part of a user's or a token's name.")
    face = serializers.ChoiceField(required=False, choices=SyncActivity.Face.choices)
    action = serializers.ChoiceField(required=False, choices=list(ACTIONS.items()))
    about = serializers.CharField(
        required=False,
        max_length=320,
        help_text="What it was done to: a part of its name, how its id begins, or `kind:id`.",
    )
    since = serializers.DateTimeField(required=False, help_text="Done then or later; UTC unless it names a zone.")
    until = serializers.DateTimeField(required=False, help_text="Done before then.")


class ActivityChange(serializers.Serializer[Any]):
    field = serializers.CharField()
    to = serializers.JSONField(help_text=f"Of a secret: `{CHANGED}`, and nothing else.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's."""
        fields = super().get_fields()
        return {"field": fields["field"], "from": serializers.JSONField(), "to": fields["to"]}


class ActivityEntry(serializers.ModelSerializer[SyncActivity]):
    what = serializers.SerializerMethodField(help_text="A sentence, as the console says it.")
    subject_kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind])
    changes = ActivityChange(many=True)

    class Meta:
        model = SyncActivity
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "at",
            "user_id",
            "user_name",
            "face",
            "token_name",
            "action",
            "what",
            "subject_kind",
            "subject_id",
            "subject_name",
            "changes",
            "count",
            "note",
        )

    def get_what(self, entry: SyncActivity) -> str:
        return str(sentence_of(entry))


class ActivityPageAnswer(serializers.Serializer[Any]):
    items = ActivityEntry(source="entries", many=True)
    next_cursor = serializers.CharField(
        source="after.encode", allow_null=True, help_text="null: this is the last page."
    )


class ActivityViewSet(SyncViewSet):
    """What was changed of the asking user's things, by whomever; for staff who may view it, everything."""

    @extend_schema(
        operation_id="list_activity",
        summary="Who has changed what, the latest first",
        description="Every change by console, admin, API, command, application or worker; kept for a year.",
        parameters=[ActivityParameters],
        responses=forced_singular_serializer(ActivityPageAnswer),  # type: ignore[no-untyped-call]
    )
    def list(self, request: Request) -> Response:
        query = parameters(ActivityParameters, request)
        limit, after = query.pop("limit"), query.pop("cursor", None)
        owner = scope(request, query.pop("user", None), VIEW_ACTIVITY)
        page = list_activity(ActivityFilter(owner_id=owner, **query), limit=limit, after=after)
        return Response(ActivityPageAnswer(page).data)
