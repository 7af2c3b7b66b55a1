"""Rules of a destination as JSON. What a document of a rule may say stands in docs/rules.schema.json."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sync.models import SyncRule, SyncRuleVersion
from sync.operations import TO_RETRY
from sync.rules import MOST_RULES
from sync.web.api.answers import RowAnswer
from sync.web.api.parameters import MOST, CursorField, LimitField
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.shapes import Flag, Moment, Number, Shape, Some, Text, names

_LATEST = 2**31 - 1
_DOCUMENT = "A document of one rule, as docs/rules.schema.json has it."


@extend_schema_field(
    {"type": "object", "additionalProperties": True, "description": _DOCUMENT}, component_name="RuleDocument"
)
class RuleField(serializers.DictField):
    """One rule. Read by sync.rules, which knows what it may say."""


class RulesField(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        super().__init__(child=RuleField(), max_length=MOST_RULES, **options)


class VersionField(serializers.IntegerField):
    def __init__(self, help_text: str, **options: Any) -> None:
        super().__init__(min_value=0, max_value=_LATEST, help_text=help_text, **options)


class PositionField(serializers.IntegerField):
    def __init__(self) -> None:
        super().__init__(required=False, min_value=1, max_value=MOST_RULES, help_text="Its place in the order, from 1.")


_SEEN = "The version that you have seen: if the rules have another by now, nothing is changed."


class WantedRules(ClosedSerializer):
    version = VersionField(_SEEN)
    rules = RulesField(help_text="All rules, in the order in which they are followed.")


class SeenVersion(ClosedSerializer):
    version = VersionField(_SEEN, required=False)


class NewRule(SeenVersion):
    rule = RuleField()
    position = PositionField()


class RuleChange(SeenVersion):
    rule = RuleField(required=False, default=dict, help_text="What changes of it; null takes it out.")
    position = PositionField()


class VersionParameters(ClosedSerializer):
    limit = LimitField()
    before = VersionField("Only versions before this one.", required=False)


class LoadedParameters(ClosedSerializer):
    since = Moment("Of executions made then or later; UTC unless it names a zone.", required=False)
    until = Moment("Of executions made before then.", required=False)
    workflow = Text("Of this workflow: its workflow_id or id.", required=False, max_length=1000)


class Confirmation(ClosedSerializer):
    dry_run = Flag("Count, and change nothing.", required=False, default=True)
    version = VersionField("Of the dry run's answer: nothing is done once the rules have changed.", required=False)
    count = Number("Of the dry run's answer: never more than that.", required=False, min_value=0, max_value=_LATEST)
    as_of = Moment("Of the dry run's answer: nothing that has changed since then.", required=False)
    after = CursorField(
        required=False, max_length=200, help_text="`position` of an answer that was not finished: go on from there."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["dry_run"] and (missing := {"version", "count", "as_of"} - attrs.keys()):
            said = "Send what the dry run has answered."
            raise serializers.ValidationError(dict.fromkeys(sorted(missing), said), "required")
        return attrs


class Application(Confirmation, LoadedParameters):
    pass


class Draft(ClosedSerializer):
    rules = RulesField(required=False, help_text="Rules that are to be tried; without them, those in force.")


class PreviewOf(Draft):
    execution_id = Text(max_length=1000)


class RuleAbout(RowAnswer):
    class Meta:
        model = SyncRule
        fields = names("name author created_at updated_at")


class RuleVersion(RowAnswer):
    version = Number("0: there were never any rules.")
    author = Text("Who made it: an e-mail address, or how it was done.")
    made_at = Moment(allow_null=True)
    hash_key = Number("The number of the key that hashes are made with; null: nothing is hashed.", allow_null=True)

    class Meta:
        model = SyncRuleVersion
        fields = names("version author made_at hash_key")


class RulesAt(RuleVersion):
    rules = Some(RuleField(), "In order, also those that are off.")


class Rules(RulesAt):
    about = RuleAbout(many=True, help_text="Who made each of them, and when.")


class ToRetryField(serializers.IntegerField):
    def __init__(self) -> None:
        super().__init__(help_text=f"Executions that {TO_RETRY}.")


class Finding(Shape):
    rule = Text("Its name; empty: all of them.")
    level = serializers.ChoiceField(["error", "warning", "information"])
    said = Text()


class RulesChanged(Rules):
    changed = Flag("false: the rules were so already, and there is no new version.")
    released = Number(
        help_text="Executions that were held for a new column, and are looked at again by these rules. "
        "Workers look at what could not be done within some seconds."
    )
    to_retry = ToRetryField()
    findings = Finding(many=True, help_text="What `check` says of these rules.")


class KeyChanged(RuleVersion):
    message = Text("What a new key means for what is loaded.")


class RuleVersions(Shape):
    items = RuleVersion(many=True)


class Counted(Shape):
    version = Number()
    count = Number()


class _Numbers(Shape):
    versions = Counted(many=True, help_text="What is loaded, by the version of the rules that it was loaded by.")
    earlier = Number("Loaded by rules that made something else of them: what `reload` loads again.")
    excluded = Number(
        help_text="Loaded, and excluded by the rules in force: `reload` leaves them alone, `removal` takes them out."
    )
    waiting = Number("Loaded by such rules, and on their way to be loaded again.")
    failed = Number("Loaded by such rules, and failed when loaded again: see their errors.")
    removing = Number("Loaded, and waiting to be taken out of Snowflake.")


class WorkflowNumbers(_Numbers):
    workflow_id = Text()
    workflow_name = Text()


class EffectAnswer(_Numbers):
    version = Number("Of the rules in force, by which this was counted.")
    as_of = Moment()
    to_retry = ToRetryField()
    workflows = WorkflowNumbers(many=True, help_text=f"The first {MOST}, those with the most to do first.")


class DoneAnswer(Shape):
    message = Text()
    dry_run = Flag()
    version = Number()
    as_of = Moment("When that was counted.")
    count = Number("Executions: of a dry run how many it would be, else how many it was.")
    held = Number("Left alone, since somebody else is writing them.")
    meanwhile = Number("No longer there to be done: they changed after they were counted.")
    left = Number("Not yet done when the time was over: the `count` of the next request.")
    finished = Flag("false: repeat it with `left` as `count`, `position` as `after`.")
    position = Text("Where to go on, as `after`, where it is not finished.")


class ReloadedWorkflow(Shape):
    workflow_id = Text()
    workflow_name = Text()
    count = Number()


class ReloadAnswer(DoneAnswer):
    workflows = ReloadedWorkflow(many=True, help_text=f"Of a dry run: those with the most, {MOST} at most.")


class RemovalAnswer(DoneAnswer):
    tables = Number("Of a dry run: own tables that would be dropped.", allow_null=True)
    rows = Number("Of a dry run: rows to be deleted in shared tables.", allow_null=True)


class Findings(Shape):
    items = Finding(many=True)
