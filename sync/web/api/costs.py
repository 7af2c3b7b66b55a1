"""/api/snowflake-sync/costs: what loads have cost, about, and where less would do; and what Snowflake says of it."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from sync.destinations import check_slot
from sync.postgres import bounded_reading
from sync.reporting import CHANGE_DESTINATIONS, COST_DAYS, COST_FORMULA, MOST_COST_DAYS, costs
from sync.warehouse import actual_credits
from sync.web.api import answers
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import ScopeParameters
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.scope import current_user, find_destination, scope
from sync.web.api.shapes import Flag, Moment, Number, Shape, Text


class CostParameters(ScopeParameters):
    destination = serializers.UUIDField(required=False, help_text="The id of a destination.")
    days = Number("So many, today included.", required=False, default=COST_DAYS, min_value=1, max_value=MOST_COST_DAYS)


class CreditParameters(ClosedSerializer):
    days = Number("So many, today included.", required=False, default=COST_DAYS, min_value=1, max_value=MOST_COST_DAYS)


class Spent(Shape):
    loads = Number()
    statements = serializers.FloatField()
    seconds = serializers.FloatField(help_text="Of workers; what travels together shares its time.")
    bytes = Number("Sent, compressed.")


class WorkflowCostAnswer(Shape):
    workflow_id = Text("null: without one, or deleted.", source="workflow.workflow_id", default=None, allow_null=True)
    workflow_name = Text(source="workflow.name", default=None, allow_null=True)
    spent = Spent()


class AdviceAnswer(Shape):
    setting = Text("The destination's field that would save.")
    value = Text("What to set it to; seconds of an interval.")
    now = serializers.FloatField(help_text="Credits a day; of the layout, statements a day.")
    then = serializers.FloatField(help_text="The same with the setting.")
    said = Text("A sentence, as the console says it.")


class DestinationCostAnswer(Shape):
    destination = answers.Destination(source="configuration")
    spent = Spent()
    credits = serializers.FloatField(help_text="About; as if the warehouse were this destination's alone.")
    advice = AdviceAnswer(many=True, help_text="Empty: nothing would be saved.")


class DayCostAnswer(Shape):
    day = serializers.DateField(help_text="In UTC.")
    spent = Spent()
    credits = serializers.FloatField()


class CostsAnswer(Shape):
    since = Moment("From when on attempts were looked at.")
    until = Moment()
    is_cut = Flag("There are too many attempts to look at all of the days.")
    spent = Spent()
    credits = serializers.FloatField(help_text="About; of warehouses that destinations share, once.")
    credits_a_day = serializers.FloatField()
    formula = Text("How credits are estimated.")
    workflows = WorkflowCostAnswer(many=True, help_text="The 50 that sent the most.")
    destinations = DestinationCostAnswer(many=True, help_text="The 50 that sent the most.")
    days = DayCostAnswer(many=True)


class DayCreditsAnswer(Shape):
    day = serializers.DateField(help_text="In UTC.")
    credits = serializers.FloatField()


class CreditsAnswer(Shape):
    since = Moment()
    actual = serializers.FloatField(help_text="Used by the warehouse, whoever used it.")
    estimated = serializers.FloatField(help_text="About; for what this destination has loaded.")
    days = DayCreditsAnswer(many=True)


class CostViewSet(DestinationViewSet):
    """What loads have cost."""

    @operation(query=CostParameters, answer=CostsAnswer)
    def costs(self, sent: Sent) -> Any:
        """What was loaded has cost so much, about.

        Statements, time and bytes of the attempts that are kept, by workflow, destination and day; the credits that
        is about; and the settings that would save, with the figure.
        """
        owner = scope(self.request, sent.get("user"))
        destination = find_destination(sent.get("destination"), owner)
        found = costs(owner, days=sent["days"], destination_id=destination.pk if destination else None)
        names = ("since", "until", "is_cut", "spent", "credits", "credits_a_day", "workflows", "destinations", "days")
        return {**{name: getattr(found, name) for name in names}, "formula": COST_FORMULA}

    @operation(
        query=CreditParameters,
        answer=CreditsAnswer,
        problems={409: "No log-in may be tried now, or the role may not read it; `detail` says what to do."},
        demands=CHANGE_DESTINATIONS,
        rate="check",
    )
    def actual_credits(self, sent: Sent) -> Any:
        """What the warehouse has used, as Snowflake says.

        Reads SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY, which is up to three hours late. It wakes the
        warehouse, which costs a minute.
        """
        with check_slot(current_user(self.request).pk):
            with bounded_reading(settings.API_READ_TIMEOUT):
                found = costs(self.about.user_id, days=sent["days"], destination_id=self.about.pk)
            actual = actual_credits(self.about, found.since)
        days = [{"day": day, "credits": used} for day, used in actual.items()]
        return {"since": found.since, "actual": sum(actual.values()), "estimated": found.credits, "days": days}
