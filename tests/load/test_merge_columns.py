from sync.load.merge_columns import Inspected
from sync.results import ResultColumn, Shape
from sync.snowflake.statements import Column
from sync.snowflake.types import parse_declared

MOMENTS = parse_declared("TIMESTAMP_TZ")


def test_a_table_s_type_holds_and_what_the_result_says_of_its_zone_stays() -> None:
    """The rule of one result must not be lost, or passed to others, by the table that they share."""
    columns = (
        ResultColumn("at", parse_declared("DateTime('Europe/Berlin')")),
        ResultColumn("n", parse_declared("NUMBER(5,2)")),
    )
    inspected = Inspected(Shape("e", columns, True, 1), ("AT", "N"))
    file = [Column("N", parse_declared("NUMBER(12,2)")), Column("AT", MOMENTS), Column("OTHER", MOMENTS)]
    places = inspected.places_of(file)
    assert [(column.key, column.type, at) for column, at in places] == [
        ("n", parse_declared("NUMBER(12,2)"), 1),
        ("at", MOMENTS, 0),
        ("OTHER", MOMENTS, None),
    ]
    assert [column.type.needs_offset for column, _ in places] == [False, True, False]
