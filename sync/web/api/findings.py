"""/api/snowflake/configurations/…/findings: what is in a destination against what was loaded."""

from typing import Any

from rest_framework import serializers

from sync.models import SyncFinding, SyncReconciliation
from sync.operations import CURES, Cure, cure_finding, cures_of, subject, what_to_do
from sync.reporting import CHANGE_DESTINATIONS
from sync.warehouse import KINDS, ask_look, said
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.problems import not_found
from sync.web.api.shapes import Moment, Number, Shape, Text

MOST = 500
KINDS_OF_FINDINGS = [str(kind) for kind in KINDS]
CURES_OF_FINDINGS = [str(cure) for cure in CURES]


class FindingInSnowflake(Shape):
    id = Number()
    kind = serializers.ChoiceField(choices=KINDS_OF_FINDINGS)
    table = Text("In full, as Snowflake has it; of a schema, the schema.")
    execution_id = Text("The run whose own table it is; null: several share it.", allow_null=True)
    said = Text("What is found of it, in a sentence that its name begins.")
    what_to_do = Text()
    cures = serializers.ListField(child=serializers.ChoiceField(choices=CURES_OF_FINDINGS))
    first_seen_at = Moment()
    last_seen_at = Moment()


class FindingsInSnowflake(Shape):
    looked_at = Moment("When the last look began that came to its end; null: there was none.", allow_null=True)
    asked_at = Moment("Since when a look is asked for; null: none is.", allow_null=True)
    seconds = serializers.FloatField(help_text="That it took.")
    tables = Number("That it saw.")
    more = Number("Findings that are not listed.")
    strangers = Number("Tables with the mark of a destination that is not known here.")
    error_code = Text("What was in the way of the last try; empty: nothing.")
    error = Text("The same in words, with what to do.")
    items = FindingInSnowflake(many=True)


class Asked(Shape):
    asked_at = Moment()


class WantedCure(ClosedSerializer):
    cure = serializers.ChoiceField(choices=CURES_OF_FINDINGS)


class Cured(Shape):
    queued = Number("Runs that are loaded again.")


class FindingViewSet(DestinationViewSet):
    """What is otherwise in a destination than it was loaded."""

    @operation(answer=FindingsInSnowflake)
    def list_findings(self) -> Any:
        """What is otherwise in Snowflake than it was loaded.

        Of the last look, the first 500 findings; none is in it that was cured.
        """
        known = SyncReconciliation.objects.filter(pk=self.about.pk).first() or SyncReconciliation(pk=self.about.pk)
        found = SyncFinding.objects.filter(configuration=self.about, closed_at=None)
        items = [_shown(one) for one in found.order_by("first_seen_at", "pk")[:MOST]]
        looked = ("looked_at", "asked_at", "seconds", "tables", "strangers", "error_code")
        return {
            **{name: getattr(known, name) for name in looked},
            "error": f"{known.error_message} {known.error_remedy}".strip(),
            "more": known.unlisted + (found.count() - MOST if len(items) == MOST else 0),
            "items": items,
        }

    @operation(answer=Asked, demands=CHANGE_DESTINATIONS, rate="check")
    def look_now(self) -> Any:
        """Look at what is there now.

        A worker does within a minute. It wakes no warehouse; every night it is done by itself.
        """
        ask_look(self.about.pk)
        return SyncReconciliation.objects.get(pk=self.about.pk)

    @operation(
        takes=WantedCure,
        answer=Cured,
        problems={409: "It cannot be cured so; `detail` says why."},
        demands=CHANGE_DESTINATIONS,
        rate="retry",
    )
    def cure_finding(self, sent: Sent, finding_id: int) -> Any:
        """Load again, or adopt as it is.

        Loading again queues the runs whose rows the table has, as by hand. What is adopted is no finding any more for
        as long as it stays as it is.
        """
        if not SyncFinding.objects.filter(pk=finding_id, configuration=self.about, closed_at=None).exists():
            raise not_found("finding")
        return {"queued": cure_finding(finding_id, Cure(sent["cure"]))}


def _shown(one: SyncFinding) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "table": subject(one),
        "execution_id": one.execution_id,
        "said": said(one.kind, one.expected, one.found),
        "what_to_do": what_to_do(one),
        "cures": cures_of(one),
        "first_seen_at": one.first_seen_at,
        "last_seen_at": one.last_seen_at,
    }
