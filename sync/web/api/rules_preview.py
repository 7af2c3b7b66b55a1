"""What a preview of rules answers: as sync.operations has it."""

from typing import Any

from rest_framework import serializers


class PreviewedColumn(serializers.Serializer[Any]):
    key = serializers.CharField(allow_null=True, help_text="In the result; null: a rule adds the column.")
    name = serializers.CharField(help_text="In Snowflake.")
    declared = serializers.CharField(allow_null=True, help_text="Its type in result_columns.")
    type = serializers.CharField(help_text="Its type in Snowflake.")
    rules = serializers.ListField(child=serializers.CharField(), help_text="Those followed for it, in order.")


class PreviewedRow(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="In the result, from 1.")
    values = serializers.ListField(child=serializers.CharField(allow_null=True))


class PreviewedRows(serializers.Serializer[Any]):
    columns = PreviewedColumn(many=True)
    shown = serializers.ListField(
        child=serializers.IntegerField(), help_text="Which of the columns, from 0, the rows have a value for."
    )
    rows = PreviewedRow(many=True)


class RuleEffect(serializers.Serializer[Any]):
    rule = serializers.CharField()
    kind = serializers.CharField()
    said = serializers.CharField(help_text="What it did, in words.")
    matched = serializers.ListField(child=serializers.CharField(), help_text="The columns that it is about.")
    rows_left_out = serializers.IntegerField(allow_null=True, help_text="By this rule alone.")
    rows_matched = serializers.IntegerField(allow_null=True, help_text="In which its path leads to a value.")


class PreviewError(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()


class NewColumns(serializers.Serializer[Any]):
    policy = serializers.ChoiceField(["allow", "drop", "hold"])
    columns = serializers.ListField(child=serializers.CharField())


class ColumnStatistics(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="In Snowflake.")
    nulls = serializers.IntegerField()
    distinct = serializers.IntegerField(allow_null=True, help_text="Different values, where they are hashed.")


class PreviewStatistics(serializers.Serializer[Any]):
    rows = serializers.IntegerField(help_text="In the result.")
    examined = serializers.IntegerField(help_text="So many of the first were counted, within the time.")
    kept = serializers.IntegerField(help_text="Of these, so many go to Snowflake.")
    columns = ColumnStatistics(many=True)


class Preview(serializers.Serializer[Any]):
    execution_id = serializers.CharField()
    workflow_id = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="Of the rules in force; null: those that were sent.")
    excluded_by = serializers.CharField(allow_null=True, help_text="What keeps the execution out; null: it goes there.")
    checked = serializers.IntegerField(help_text="So many of the first rows were read as a load reads them.")
    error = PreviewError(allow_null=True, help_text="What a load would fail with, if that is in one of these rows.")
    before = PreviewedRows()
    after = PreviewedRows()
    effects = RuleEffect(many=True)
    new_columns = NewColumns()
    statistics = PreviewStatistics(allow_null=True)
    key = serializers.ChoiceField(
        ["destination", "made_up"],
        allow_null=True,
        help_text="Which key the hashes are made with: `made_up` for this preview, they will be others.",
    )
