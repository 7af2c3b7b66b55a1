"""/api/snowflake/configurations/{id}/retention: how long results stay in Snowflake, and what is past that."""

from typing import Any

from rest_framework import serializers

from sync.models import SyncRetention, Workflow
from sync.operations import (
    ChangeCounts,
    Retention,
    preview_prune,
    prune_results,
    retention_of,
    set_retention,
)
from sync.postgres import bounded_reading, database_now
from sync.queue import retention_trouble
from sync.reporting import CHANGE_DESTINATIONS, counted
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import MOST
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.scope import find_workflow
from sync.web.api.shapes import Flag, Moment, Number, Shape, Text

# Seconds that a request works.
SECONDS = 10.0
_LATEST = 2**31 - 1


class KeepsField(serializers.ChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=SyncRetention.Keeps.choices,
            help_text="All of a workflow's results, so many of the last, or those that were loaded in so many days.",
            **options,
        )


class _Kept(Shape):
    keeps = KeepsField()
    amount = Number("So many results, or days; null: all.", allow_null=True)
    only_copies = Flag("Also what the application has no more goes: the only copy there is.")


class KeptOf(_Kept):
    workflow_id = Text("workflows.workflow_id; null: of all workflows that have no line of their own.", allow_null=True)
    workflow_name = Text(allow_null=True)


class Trouble(Shape):
    code = Text()
    message = Text()
    what_to_do = Text()


class RetentionAnswer(Shape):
    items = KeptOf(many=True, help_text="Without a line for a workflow, or for all, everything is kept.")
    trouble = Trouble(
        allow_null=True, help_text="What kept the last result from going whose execution is deleted; null: nothing."
    )


class RetentionChange(ClosedSerializer):
    workflow = Text(
        "Of this workflow: its workflow_id or id; without one, of all that have no line of their own.",
        required=False,
        allow_null=True,
        max_length=1000,
    )
    keeps = KeepsField(allow_null=True)
    amount = Number("So many results, or days.", required=False, allow_null=True)
    only_copies = Flag("Also what the application has no more is to go.", required=False, default=False)


class PruneConfirmation(ClosedSerializer):
    dry_run = Flag("Count, and change nothing.", required=False, default=True)
    workflow = Text("Of this workflow: its workflow_id or id.", required=False, max_length=1000)
    count = Number("Of the dry run's answer: never more than that.", required=False, min_value=0, max_value=_LATEST)
    as_of = Moment("Of the dry run's answer: nothing that has changed since then.", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["dry_run"] and (missing := {"count", "as_of"} - attrs.keys()):
            said = "Send what the dry run has answered."
            raise serializers.ValidationError(dict.fromkeys(sorted(missing), said), "required")
        return attrs


class PrunedWorkflow(Shape):
    workflow_name = Text()
    count = Number("Results that go.")
    tables = Number("Own tables that would be dropped.")
    rows = Number("Rows to be deleted in shared tables.")
    only_copies = Number("Of those that go, results that the application has no more.")
    kept = Number("Past retention, and kept since the application has them no more.")


class PruneAnswer(Shape):
    message = Text()
    dry_run = Flag()
    as_of = Moment("When that was counted.")
    count = Number("Results: of a dry run how many it would be, else how many it was.")
    held = Number("Left alone, since somebody else is writing them.")
    meanwhile = Number("No longer there to be done: they changed after they were counted.")
    left = Number("Not yet done when the time was over: the `count` of the next request.")
    workflows = PrunedWorkflow(many=True, help_text=f"Of a dry run: {MOST} at most.")


class RetentionViewSet(DestinationViewSet):
    """How long a destination that the token's user may see keeps results."""

    @operation(answer=RetentionAnswer)
    def read_retention(self) -> Any:
        """How long results stay in Snowflake."""
        return self._answer()

    @operation(takes=RetentionChange, answer=RetentionAnswer, demands=CHANGE_DESTINATIONS, rate="configure")
    def change_retention(self, sent: Sent) -> Any:
        """Set how long results of a workflow, or of all others, stay in Snowflake.

        `keeps` null takes the line away. What is past it is taken out when workers next look, a day later at the
        earliest: an own table is dropped, rows of a shared one are deleted while a load keeps the warehouse awake.
        What the application has no more stays, unless `only_copies` is set.
        """
        workflow = find_workflow(sent.get("workflow"), self.about.user_id)
        wanted = None
        if sent["keeps"] is not None:
            wanted = Retention(sent["keeps"], sent.get("amount"), sent["only_copies"])
        set_retention(self.about, workflow, wanted)
        return self._answer()

    @operation(takes=PruneConfirmation, answer=PruneAnswer, demands=CHANGE_DESTINATIONS, rate="backfill", is_long=True)
    def prune_results(self, sent: Sent) -> Any:
        """Take out of Snowflake what is past retention.

        First without a body, a dry run; then with `dry_run` false and what it has answered, as long as something is
        `left`. Workers do it, if it is past retention then; rows of shared tables, too, which wakes the warehouse.
        """
        workflow = find_workflow(sent.get("workflow"), self.about.user_id)
        of = (self.about.pk, workflow.pk if workflow else None)
        if sent["dry_run"]:
            with bounded_reading(SECONDS):
                found = preview_prune(*of)
            number = found.total("results")
            workflows = [{**one._asdict(), "count": one.results} for one in found.workflows[:MOST]]
            said = f"{counted(number, 'result')} would be taken out of Snowflake."
            return _answer(ChangeCounts(number), message=said, as_of=found.as_of, workflows=workflows)
        as_of = min(sent["as_of"], database_now())
        counts = prune_results(*of, as_of=as_of, wanted=sent["count"], seconds=SECONDS)
        said = f"{counted(counts.changed, 'result')} queued to be taken out of Snowflake."
        return _answer(counts, message=said, dry_run=False, as_of=as_of)

    def _answer(self) -> dict[str, Any]:
        lines = retention_of(self.about.pk)
        workflows = Workflow.objects.in_bulk([id_ for id_ in lines if id_])
        items = []
        for id_, kept in lines.items():
            workflow = workflows.get(id_) if id_ else None
            if id_ and workflow is None:
                continue
            of = {"workflow_id": workflow and workflow.workflow_id, "workflow_name": workflow and workflow.name}
            items.append({**of, "keeps": kept.keeps, "amount": kept.amount, "only_copies": kept.only_copies})
        trouble = retention_trouble(self.about.pk)
        return {
            "items": items,
            "trouble": trouble and dict(zip(("code", "message", "what_to_do"), trouble, strict=True)),
        }


def _answer(counts: ChangeCounts, **more: Any) -> dict[str, Any]:
    numbers = {"count": counts.changed, "held": counts.held, "meanwhile": counts.meanwhile, "left": counts.left}
    return {"dry_run": True, "workflows": [], **numbers, **more}
