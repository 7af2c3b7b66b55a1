"""What a preview of rules answers: as sync.operations has it."""

from rest_framework import serializers

from sync.web.api.shapes import Number, Shape, Some, Text


class PreviewedColumn(Shape):
    key = Text("In the result; null: a rule adds the column.", allow_null=True)
    name = Text("In Snowflake.")
    declared = Text("Its type in result_columns.", allow_null=True)
    type = Text("Its type in Snowflake.")
    rules = Some(Text(), "Those followed for it, in order.")


class PreviewedRow(Shape):
    number = Number("In the result, from 1.")
    values = Some(Text(allow_null=True))


class PreviewedRows(Shape):
    columns = PreviewedColumn(many=True)
    shown = Some(Number(), "Which of the columns, from 0, the rows have a value for.")
    rows = PreviewedRow(many=True)


class RuleEffect(Shape):
    rule = Text()
    kind = Text()
    said = Text("What it did, in words.")
    matched = Some(Text(), "The columns that it is about.")
    rows_left_out = Number("By this rule alone.", allow_null=True)
    rows_matched = Number("In which its path leads to a value.", allow_null=True)


class PreviewError(Shape):
    code = Text()
    message = Text()
    remedy = Text()


class NewColumns(Shape):
    policy = serializers.ChoiceField(["allow", "drop", "hold"])
    columns = Some(Text())


class ColumnStatistics(Shape):
    name = Text("In Snowflake.")
    nulls = Number()
    distinct = Number("Different values, where they are hashed.", allow_null=True)


class PreviewStatistics(Shape):
    rows = Number("In the result.")
    examined = Number("So many of the first were counted, within the time.")
    kept = Number("Of these, so many go to Snowflake.")
    columns = ColumnStatistics(many=True)


class Preview(Shape):
    execution_id = Text()
    workflow_id = Text()
    version = Number("Of the rules in force; null: those that were sent.", allow_null=True)
    excluded_by = Text("What keeps the execution out; null: it goes there.", allow_null=True)
    checked = Number("So many of the first rows were read as a load reads them.")
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
