"""/api/snowflake/alerts: what somebody has to know of, as it is told, and what nobody wants to hear of."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from accounts.models import SnowflakeConfiguration
from sync.alerts import ANY_KIND, WORDS, alerts_of, for_programs, mutes_of, page_of
from sync.models import Workflow
from sync.operations import mute_alerts, unmute_alerts
from sync.reporting import MUTE
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import CursorField, LimitField, ScopeParameters
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.scope import find_destination, find_workflow, scope
from sync.web.api.shapes import Flag, Moment, Number, Shape, Text

KINDS_OF_ALERTS = [str(kind) for kind in WORDS]
KINDS_TO_MUTE = [ANY_KIND, *KINDS_OF_ALERTS]
STATES_OF_ALERTS = ["open", "closed"]


class AlertParameters(ScopeParameters):
    state = serializers.ChoiceField(required=False, choices=STATES_OF_ALERTS)
    kind = serializers.ChoiceField(required=False, choices=KINDS_OF_ALERTS)
    limit = LimitField()
    cursor = CursorField(required=False, max_length=200, help_text="`next_cursor` of the page before.")


class Alert(Shape):
    id = Number()
    kind = Text("As events of a channel names it; a later version may have others.")
    key = Text("What it is about, one of its kind.")
    what = Text("What is so; of one that is closed, what is so now.")
    what_to_do = Text("Empty: it is closed.", source="remedy")
    owner = Text("Whose thing it is about; empty: your own, or the installation's.")
    configuration_id = serializers.UUIDField(allow_null=True)
    workflow_id = serializers.UUIDField(allow_null=True)
    error_code = Text(allow_null=True)
    count = Number("How many it is about.")
    since = Moment("Since when it is so.")
    opened_at = Moment("When it was noticed.")
    closed_at = Moment("null: it is open.", allow_null=True)
    link = Text("The page to go to; null: the installation does not know its own address.", allow_null=True)


class AlertList(Shape):
    items = Alert(many=True)
    next_cursor = Text("null: that was the last page.", allow_null=True)


class WhichAlerts(ClosedSerializer):
    user = Text(
        "For staff: in this user's own view, rather than in that of everyone's things.", required=False, max_length=320
    )
    kind = serializers.ChoiceField(choices=KINDS_TO_MUTE, help_text=f"{ANY_KIND} is any.")
    workflow = Text("Its workflow_id or id; null: all.", required=False, allow_null=True, max_length=1000)
    destination = serializers.UUIDField(
        required=False, allow_null=True, help_text="The id of a destination; null: all."
    )


class MutingAlerts(WhichAlerts):
    until = Moment("null: until it is unmuted.", allow_null=True)


class AlertMute(Shape):
    kind = Text(f"{ANY_KIND} is any.")
    workflow_id = serializers.UUIDField(allow_null=True)
    configuration_id = serializers.UUIDField(allow_null=True)
    until = Moment("null: until it is unmuted.", allow_null=True)
    since = Moment(source="muted_at")
    by = Text(source="muted_by_name")


class AlertMutes(Shape):
    items = AlertMute(many=True)


class UnmutedAlerts(Shape):
    was_muted = Flag()


class AlertViewSet(DestinationViewSet):
    """Of the token's user's own things, or, of staff who see these, of everyone's and of the installation."""

    @operation(query=AlertParameters, answer=AlertList)
    def list_alerts(self, sent: Sent) -> Any:
        """What somebody has to know of, and had to.

        The latest first. A message that a channel sends has the same of each.
        """
        found = alerts_of(scope(self.request, sent.get("user")))
        if "state" in sent:
            found = found.filter(closed_at__isnull=sent["state"] == "open")
        if "kind" in sent:
            found = found.filter(kind=sent["kind"])
        page, after = page_of(found, sent["limit"], sent.get("cursor"))
        return {"items": [for_programs(alert) for alert in page], "next_cursor": after and after.encode()}

    @operation(query=ScopeParameters, answer=AlertMutes)
    def list_alert_mutes(self, sent: Sent) -> Any:
        """What nobody wants to hear of for a while."""
        found = mutes_of(scope(self.request, sent.get("user")), timezone.now())
        return {"items": [each.mute for each in found]}

    @operation(
        takes=MutingAlerts,
        answer=AlertMute,
        problems={409: "The moment is over, or more than a year away."},
        demands=MUTE,
        rate="configure",
    )
    def mute_alerts(self, sent: Sent) -> Any:
        """Do not hear of alerts for a while.

        No channel is told that one begins, nor reminded; that one is over is told to whom its beginning was. It holds
        in the view of the token's user: of their own things, or, of staff, of everyone's.
        """
        owner, workflow, destination = self._named(sent)
        return mute_alerts(owner, sent["kind"], workflow, destination, sent["until"])

    @operation(takes=WhichAlerts, answer=UnmutedAlerts, demands=MUTE, rate="configure")
    def unmute_alerts(self, sent: Sent) -> Any:
        """Hear of alerts again."""
        owner, workflow, destination = self._named(sent)
        return {"was_muted": unmute_alerts(owner, sent["kind"], workflow, destination)}

    def _named(self, sent: Sent) -> tuple[UUID | None, Workflow | None, SnowflakeConfiguration | None]:
        owner = scope(self.request, sent.get("user"))
        return owner, find_workflow(sent.get("workflow"), owner), find_destination(sent.get("destination"), owner)
