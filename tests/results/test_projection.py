"""What the SELECTs are made of, without a database."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg2 import sql

from sync.results import ResultColumn, Shape
from sync.results.fast import output
from sync.results.projection import Projection
from sync.snowflake.types import ColumnType, Kind, parse_declared
from tests.results.conftest import by_key

HOSTILE = ["'); DROP TABLE x; --", '"', "%s", "\\'", "{}", "c1"]
TYPES = [ColumnType(kind) if kind is not Kind.DECIMAL else parse_declared("NUMBER(12,2)") for kind in Kind]


def shape(*keys: str, rows_as_objects: bool = True) -> Shape:
    columns = tuple(ResultColumn(key, TYPES[n % len(TYPES)]) for n, key in enumerate(keys))
    return Shape("it's", columns, rows_as_objects, rows=1)


def parts(composable: Any) -> Iterator[Any]:
    """The leaves: sql.SQL and sql.Literal."""
    if isinstance(composable, sql.Composed):
        for part in composable.seq:
            yield from parts(part)
    else:
        yield composable


def statements(projection: Projection) -> list[sql.Composed]:
    return [projection.fast(), projection.exact(3), projection.offender(7)]


@pytest.mark.parametrize("rows_as_objects", [True, False])
@pytest.mark.parametrize("count", [1, 50])
def test_names_are_nowhere_but_in_literals(rows_as_objects: bool, count: int) -> None:
    secret = "s3cret"
    own = shape(
        *(f"{secret}{hostile}{n}" for hostile in HOSTILE for n in range(count)), rows_as_objects=rows_as_objects
    )
    for statement in statements(Projection(own, by_key(own, own.columns))):
        for part in parts(statement):
            assert isinstance(part, sql.SQL | sql.Literal)
            assert isinstance(part, sql.Literal) or secret not in part.string
            assert isinstance(part, sql.Literal) or "it's" not in part.string


def test_no_backslash_waits_for_standard_conforming_strings() -> None:
    own = shape(*"abcdefghij")
    for statement in statements(Projection(own, by_key(own, own.columns))):
        assert not any("\\" in part.string for part in parts(statement) if isinstance(part, sql.SQL))


def literals(statement: sql.Composed) -> list[Any]:
    return [part.wrapped for part in parts(statement) if isinstance(part, sql.Literal)]


def test_each_value_is_taken_out_once() -> None:
    own = shape("a", "b")
    for statement in statements(Projection(own, by_key(own, own.columns)))[:3]:
        text = "".join(part.string for part in parts(statement) if isinstance(part, sql.SQL))
        assert text.count("r ->> ") == 2
        assert text.count("result_rows") == 1


def test_rows_before_the_first_are_left_out() -> None:
    own = shape("a")
    assert 41 in literals(Projection(own, by_key(own, own.columns)).exact(41))


def test_text_and_json_are_always_quoted() -> None:
    own = shape(*"abcdefghij")
    text = "".join(
        part.string for part in parts(Projection(own, by_key(own, own.columns)).fast()) if isinstance(part, sql.SQL)
    )
    (quoted,) = re.findall(r"FORCE_QUOTE \((.*?)\)", text)
    kinds = [own.columns[int(field.removeprefix("c")) - 1].type.kind for field in quoted.split(", ")]
    assert kinds == [Kind.TEXT, Kind.VARIANT]


@pytest.mark.parametrize("column", TYPES, ids=lambda column: column.ddl)
def test_outputs_name_nothing_but_the_value(column: ColumnType) -> None:
    assert "c7" in output(column, "c7")
    assert output(column, "c7").replace("c7", "c8") == output(column, "c8")


def test_no_column_of_a_result_is_left_out_or_taken_twice() -> None:
    own = shape("a", "b")
    (a, first), (b, second) = by_key(own, own.columns)
    Projection(own, ((b, second), (ResultColumn("c", TYPES[0]), None), (a, first)))
    for places in (((a, first),), ((a, first), (b, second), (b, second)), ((a, first), (b, None))):
        with pytest.raises(ValueError, match="not one column for each of it's"):
            Projection(own, places)
