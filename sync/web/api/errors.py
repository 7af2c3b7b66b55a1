"""/api/snowflake-sync/errors: what failed in groups of what fails alike, and which of them are muted."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from accounts.models import SnowflakeConfiguration
from sync.errors import Retry
from sync.models import Workflow
from sync.operations import mute_errors, unmute_errors
from sync.reporting import MUTE, GroupFilter, error_groups, not_loaded
from sync.reporting import Scope as Counted
from sync.web.api import answers
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import LimitField, ScopeParameters
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.scope import find_destination, find_workflow, scope
from sync.web.api.shapes import Flag, Moment, Number, Shape, Some, Text


class GroupParameters(ScopeParameters):
    destination = serializers.UUIDField(required=False, help_text="The id of a destination.")
    workflow = Text("Its workflow_id or id.", required=False, max_length=1000)
    error_code = Text("Empty: what failed without a code.", required=False, allow_blank=True, max_length=200)
    window = serializers.ChoiceField(
        required=False, choices=["day", "week"], help_text="Only what failed in the last 24 hours, or 7 days."
    )
    limit = LimitField()
    offset = Number("So many groups are left out.", required=False, default=0, min_value=0, max_value=100000)


class WhichGroup(ClosedSerializer):
    user = Text(
        required=False,
        max_length=320,
        help_text="For staff: in this user's own view, rather than in that of everyone's things.",
    )
    error_code = Text(allow_blank=True, max_length=200)
    workflow = Text("Its workflow_id or id; null: runs without one.", required=False, allow_null=True, max_length=1000)
    destination = serializers.UUIDField(
        required=False, allow_null=True, help_text="The id of a destination; null: runs without one."
    )


class Muting(WhichGroup):
    until = Moment("null: until another run fails so.", allow_null=True)


class MuteAnswer(Shape):
    until = Moment("null: until another run fails so.", allow_null=True)
    since = Moment()
    by = Text()


class ErrorGroupAnswer(Shape):
    error_code = Text("Stable; empty where it is not known.", source="code")
    meaning = Text()
    what_to_do = Text(source="remedy")
    retry_helps = serializers.ChoiceField([retry.value for retry in Retry], source="retry")
    user_email = Text(source="owner.email", default=None, allow_null=True)
    workflow_id = Text(source="workflow.workflow_id", default=None, allow_null=True)
    workflow_name = Text(source="workflow.name", default=None, allow_null=True)
    destination = answers.Destination(allow_null=True)
    count = Number("How many have failed so, and were not retried since.")
    last_hour = Number()
    last_day = Number()
    curve = Some(Number(), "How many failed in each six hours of the last week, the latest last.")
    first_at = Moment()
    last_at = Moment()
    latest_execution_id = Text("Empty: it was retried a moment ago.", source="latest")
    latest_message = Text(source="message")
    mute = MuteAnswer(allow_null=True)


class NotLoadedAnswer(Shape):
    status = Text()
    error_code = Text(source="code")
    meaning = Text()
    what_to_do = Text(source="remedy")
    count = Number()
    last_day = Number()


class ErrorGroupsAnswer(Shape):
    groups = ErrorGroupAnswer(source="listed", many=True)
    number = Number("How many groups there are.")
    failed = Number("How many failed in all of them.")
    muted = Number("How many of the groups are muted.")
    muted_failed = Number()
    not_loaded = NotLoadedAnswer(
        many=True,
        help_text="What has not failed and is not in Snowflake, by reason, whatever the workflow and code; all that "
        "waits for a paused destination under the reason of its pause.",
    )


class UnmuteAnswer(Shape):
    was_muted = Flag()


class ErrorViewSet(DestinationViewSet):
    """Groups of failures, and mutes of them."""

    @operation(query=GroupParameters, answer=ErrorGroupsAnswer)
    def errors(self, sent: Sent) -> Any:
        """What failed, in groups of what fails alike.

        By code, workflow and destination, the worst first and what is muted last. Of a large queue the numbers are at
        most some seconds old.
        """
        owner, workflow, destination = self._named(sent)
        destination_id = destination.pk if destination else None
        workflow_ids = (workflow.pk,) if workflow else None
        what = GroupFilter(owner, destination_id, workflow_ids, sent.get("error_code"), sent.get("window", ""))
        found = error_groups(what, timezone.now(), limit=sent["limit"], offset=sent["offset"], watch=True)
        held = not_loaded(Counted(owner, destination_id).counted(watch=True))
        data = {name: getattr(found, name) for name in ("listed", "number", "failed", "muted", "muted_failed")}
        return {**data, "not_loaded": held}

    @operation(
        takes=Muting,
        answer=MuteAnswer,
        problems={409: "The moment is over, or more than a year away."},
        demands=MUTE,
        rate="configure",
    )
    def mute_errors(self, sent: Sent) -> Any:
        """Do not hear of a group for a while.

        It goes on failing and stays in the list, and counts for no verdict and no alert. It holds in the view of the
        token's user: of their own things, or, of staff, of everyone's.
        """
        owner, workflow, destination = self._named(sent)
        mute = mute_errors(owner, sent["error_code"], workflow, destination, sent["until"])
        return {"until": mute.until, "since": mute.muted_at, "by": mute.muted_by_name}

    @operation(takes=WhichGroup, answer=UnmuteAnswer, demands=MUTE, rate="configure")
    def unmute_errors(self, sent: Sent) -> Any:
        """Hear of a group again."""
        owner, workflow, destination = self._named(sent)
        return {"was_muted": unmute_errors(owner, sent["error_code"], workflow, destination)}

    def _named(self, sent: Sent) -> tuple[UUID | None, Workflow | None, SnowflakeConfiguration | None]:
        owner = scope(self.request, sent.get("user"))
        return owner, find_workflow(sent.get("workflow"), owner), find_destination(sent.get("destination"), owner)
