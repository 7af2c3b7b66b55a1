"""Rules of a destination as JSON. What a document of a rule may say stands in docs/rules.schema.json."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sync.models import SyncRule, SyncRuleVersion
from sync.operations import TO_RETRY
from sync.rules import MOST_RULES
from sync.web.api.answers import RowAnswer
from sync.web.api.parameters import MOST, CursorField, LimitField
from sync.web.api.parsing import ClosedSerializer

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
    since = serializers.DateTimeField(
        required=False, help_text="Of executions made then or later; UTC unless it names a zone."
    )
    until = serializers.DateTimeField(required=False, help_text="Of executions made before then.")
    workflow = serializers.CharField(
        required=False, max_length=1000, help_text="Of this workflow: its workflow_id or id."
    )


class Confirmation(ClosedSerializer):
    dry_run = serializers.BooleanField(required=False, default=True, help_text="Count, and change nothing.")
    version = VersionField("Of the dry run's answer: nothing is done once the rules have changed.", required=False)
    count = serializers.IntegerField(
        required=False, min_value=0, max_value=_LATEST, help_text="Of the dry run's answer: never more than that."
    )
    as_of = serializers.DateTimeField(
        required=False, help_text="Of the dry run's answer: nothing that has changed since then."
    )
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
    execution_id = serializers.CharField(max_length=1000)


class RuleAbout(RowAnswer):
    class Meta:
        model = SyncRule
        fields: ClassVar[tuple[str, ...]] = ("name", "author", "created_at", "updated_at")


class RuleVersion(RowAnswer):
    version = serializers.IntegerField(help_text="0: there were never any rules.")
    author = serializers.CharField(help_text="Who made it: an e-mail address, or how it was done.")
    made_at = serializers.DateTimeField(allow_null=True)
    hash_key = serializers.IntegerField(
        allow_null=True, help_text="The number of the key that hashes are made with; null: nothing is hashed."
    )

    class Meta:
        model = SyncRuleVersion
        fields: ClassVar[tuple[str, ...]] = ("version", "author", "made_at", "hash_key")


class RulesAt(RuleVersion):
    rules = serializers.ListField(child=RuleField(), help_text="In order, also those that are off.")

    class Meta(RuleVersion.Meta):
        fields = (*RuleVersion.Meta.fields, "rules")


class Rules(RulesAt):
    about = RuleAbout(many=True, help_text="Who made each of them, and when.")

    class Meta(RulesAt.Meta):
        fields = (*RulesAt.Meta.fields, "about")


class ToRetryField(serializers.IntegerField):
    def __init__(self) -> None:
        super().__init__(help_text=f"Executions that {TO_RETRY}.")


class Finding(serializers.Serializer[Any]):
    rule = serializers.CharField(help_text="Its name; empty: all of them.")
    level = serializers.ChoiceField(["error", "warning", "information"])
    said = serializers.CharField()


class RulesChanged(Rules):
    changed = serializers.BooleanField(help_text="false: the rules were so already, and there is no new version.")
    released = serializers.IntegerField(
        help_text="Executions that were held for a new column, and are looked at again by these rules. "
        "Workers look at what could not be done within some seconds."
    )
    to_retry = ToRetryField()
    findings = Finding(many=True, help_text="What `check` says of these rules.")

    class Meta(Rules.Meta):
        fields = (*Rules.Meta.fields, "changed", "released", "to_retry", "findings")


class KeyChanged(RuleVersion):
    message = serializers.CharField(help_text="What a new key means for what is loaded.")

    class Meta(RuleVersion.Meta):
        fields = (*RuleVersion.Meta.fields, "message")


class RuleVersions(serializers.Serializer[Any]):
    items = RuleVersion(many=True)


class Counted(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    count = serializers.IntegerField()


class _Numbers(serializers.Serializer[Any]):
    versions = Counted(many=True, help_text="What is loaded, by the version of the rules that it was loaded by.")
    earlier = serializers.IntegerField(
        help_text="Loaded by rules that made something else of them: what `reload` loads again."
    )
    excluded = serializers.IntegerField(
        help_text="Loaded, and excluded by the rules in force: `reload` leaves them alone, `removal` takes them out."
    )
    waiting = serializers.IntegerField(help_text="Loaded by such rules, and on their way to be loaded again.")
    failed = serializers.IntegerField(help_text="Loaded by such rules, and failed when loaded again: see their errors.")
    removing = serializers.IntegerField(help_text="Loaded, and waiting to be taken out of Snowflake.")


class WorkflowNumbers(_Numbers):
    workflow_id = serializers.CharField()
    workflow_name = serializers.CharField()


class EffectAnswer(_Numbers):
    version = serializers.IntegerField(help_text="Of the rules in force, by which this was counted.")
    as_of = serializers.DateTimeField()
    to_retry = ToRetryField()
    workflows = WorkflowNumbers(many=True, help_text=f"The first {MOST}, those with the most to do first.")


class DoneAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    dry_run = serializers.BooleanField()
    version = serializers.IntegerField()
    as_of = serializers.DateTimeField(help_text="When that was counted.")
    count = serializers.IntegerField(help_text="Executions: of a dry run how many it would be, else how many it was.")
    held = serializers.IntegerField(help_text="Left alone, since somebody else is writing them.")
    meanwhile = serializers.IntegerField(help_text="No longer there to be done: they changed after they were counted.")
    left = serializers.IntegerField(help_text="Not yet done when the time was over: the `count` of the next request.")
    finished = serializers.BooleanField(help_text="false: repeat it with `left` as `count`, `position` as `after`.")
    position = serializers.CharField(help_text="Where to go on, as `after`, where it is not finished.")


class ReloadedWorkflow(serializers.Serializer[Any]):
    workflow_id = serializers.CharField()
    workflow_name = serializers.CharField()
    count = serializers.IntegerField()


class ReloadAnswer(DoneAnswer):
    workflows = ReloadedWorkflow(many=True, help_text=f"Of a dry run: those with the most, {MOST} at most.")


class RemovalAnswer(DoneAnswer):
    tables = serializers.IntegerField(allow_null=True, help_text="Of a dry run: own tables that would be dropped.")
    rows = serializers.IntegerField(allow_null=True, help_text="Of a dry run: rows to be deleted in shared tables.")


class Findings(serializers.Serializer[Any]):
    items = Finding(many=True)
