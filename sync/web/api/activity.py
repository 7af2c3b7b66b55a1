"""/api/snowflake-sync/activity: who has changed what."""

from typing import Any

from rest_framework import serializers

from sync.activity import ACTIONS, CHANGED, Kind
from sync.models import SyncActivity
from sync.reporting import VIEW_ACTIVITY, ActivityFilter, list_activity, sentence_of
from sync.web.api.base import SyncViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import CursorField, LimitField, ScopeParameters
from sync.web.api.scope import scope
from sync.web.api.shapes import Moment, Shape, Text, names


class ActivityParameters(ScopeParameters):
    limit = LimitField()
    cursor = CursorField(required=False, max_length=200, help_text="`next_cursor` of the page before.")
    who = Text("A part of a user's or a token's name.", required=False, max_length=320)
    face = serializers.ChoiceField(required=False, choices=SyncActivity.Face.choices)
    action = serializers.ChoiceField(required=False, choices=list(ACTIONS.items()))
    about = Text(
        required=False,
        max_length=320,
        help_text="What it was done to: a part of its name, how its id begins, or `kind:id`.",
    )
    since = Moment("Done then or later; UTC unless it names a zone.", required=False)
    until = Moment("Done before then.", required=False)


class ActivityChange(Shape):
    field = Text()
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
        fields = names(
            "id at user_id user_name face token_name action what subject_kind subject_id subject_name changes count "
            "note"
        )

    def get_what(self, entry: SyncActivity) -> str:
        return str(sentence_of(entry))


class ActivityPageAnswer(Shape):
    items = ActivityEntry(source="entries", many=True)
    next_cursor = Text("null: this is the last page.", source="after.encode", allow_null=True)


class ActivityViewSet(SyncViewSet):
    """What was changed of the asking user's things, by whomever; for staff who may view it, everything."""

    @operation(query=ActivityParameters, answer=ActivityPageAnswer)
    def list_activity(self, sent: Sent) -> Any:
        """Who has changed what, the latest first.

        Every change by console, admin, API, command, application or worker; kept for a year, and for good where
        results were erased from Snowflake.
        """
        limit, after = sent.pop("limit"), sent.pop("cursor", None)
        owner = scope(self.request, sent.pop("user", None), VIEW_ACTIVITY)
        return list_activity(ActivityFilter(owner_id=owner, **sent), limit=limit, after=after)
