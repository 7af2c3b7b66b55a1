"""Any result comes out of the file as it went in, or is refused; and both projections agree."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.errors import PermanentError
from sync.snowflake.types import Kind
from tests.results.conftest import Executions
from tests.results.csv_reader import Quoted

often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# What jsonb can hold: no NUL, no lone surrogates.
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["", "\\N", "\\.", "NULL", '"', '""', ",", "\n", "\r\n", "\\", "null", "\u2028", "a" * 5000, " ", "\t", "'"]
)
whole = st.integers(-(10**38) + 1, 10**38 - 1)
scaled = st.builds(lambda digits, scale: Decimal(digits).scaleb(-scale), whole, st.integers(0, 37))
nested = st.recursive(
    st.none() | st.booleans() | text | whole | scaled,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=10,
)


def as_json(value: Any) -> str:
    """JSON text that keeps every digit of a Decimal."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {as_json(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_json, value))}]"
    return json.dumps(value)


def read(field: str | None) -> Any:
    return None if field is None else json.loads(field, parse_float=Decimal, parse_int=Decimal)


def numbers(value: Any) -> Any:
    """The value with all numbers as Decimal, to be compared by digits."""
    return read(as_json(value))


columns = st.fixed_dictionaries(
    {
        "text": st.none() | text,
        "int": st.none() | whole,
        "decimal(38,20)": st.none() | st.decimals(-(10**17), 10**17, places=20),
        "boolean": st.none() | st.booleans(),
        "json": nested,
    }
)


@often
@given(rows=st.lists(columns, max_size=8), as_objects=st.booleans(), data=st.data())
def test_round_trip(executions: Executions, rows: list[dict[str, Any]], as_objects: bool, data: st.DataObject) -> None:
    declared = ["text", "int", "decimal(38,20)", "boolean", "json"]
    keys = data.draw(st.lists(text, min_size=5, max_size=5, unique=True))
    ordered = [[row[kind] for kind in declared] for row in rows]
    stored: Any = [dict(zip(keys, row, strict=True)) for row in ordered] if as_objects else ordered
    names = [{"name": key, "type": kind} for key, kind in zip(keys, declared, strict=True)]
    lines = executions.carry(names, as_json(stored))
    assert len(lines) == len(ordered)
    for line, (a_text, a_whole, a_decimal, a_boolean, a_json) in zip(lines, ordered, strict=True):
        assert line[0] == a_text
        assert [isinstance(field, Quoted) for field in line] == [a_text is not None, *[False] * 3, a_json is not None]
        assert [read(field) for field in line[1:]] == [numbers(v) for v in (a_whole, a_decimal, a_boolean, a_json)]


@often
@given(row=st.dictionaries(text, st.none() | text | nested, min_size=1, max_size=5), data=st.data())
def test_a_key_too_many_is_always_seen(executions: Executions, row: dict[str, Any], data: st.DataObject) -> None:
    dropped = data.draw(st.sampled_from(sorted(row)))
    declared = [key for key in row if key != dropped] or ["declared"]
    executions.store(declared, as_json([{}, row]))
    with pytest.raises(PermanentError) as raised:
        executions.export()
    assert (raised.value.code, raised.value.happened.count("row 2")) == ("undeclared_key", 1)


@often
@given(names=st.lists(text, min_size=1, max_size=6), data=st.data())
def test_names_may_repeat(executions: Executions, names: list[str], data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | text, min_size=len(names), max_size=len(names)))
    assert executions.carry([{"name": name} for name in names], [values]) == [values]
    as_object = dict(zip(names, values, strict=True))
    assert executions.carry(names, [as_object]) == [[as_object[name] for name in names]]


_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?"
FORMS = {
    Kind.INTEGER: ("int", r"-?\d{1,38}"),
    Kind.DECIMAL: ("decimal(12,2)", r"-?\d{1,10}(\.\d+)?"),
    Kind.FLOAT: ("float", r"-?\d+(\.\d+)?(e[+-]\d+)?|NaN|-?inf"),
    Kind.BOOLEAN: ("boolean", "true|false"),
    Kind.DATE: ("date", _DAY),
    Kind.TIME: ("time", _CLOCK),
    Kind.TIMESTAMP_NTZ: ("timestamp", f"{_DAY}[T ]{_CLOCK}"),
    Kind.TIMESTAMP_TZ: ("timestamptz", rf"{_DAY}[T ]{_CLOCK}[+-]\d\d:\d\d"),
}
# Things that are nearly numbers, dates and times.
_pieces = st.lists(
    st.sampled_from("0123456789-+:. TZtzeExX_,/'BCPM\t\n\u0661")
    | st.sampled_from(["2024-02-29", "10:20:30", "+05:30", "inf"]),
    max_size=12,
).map("".join)
_broken = st.builds(
    lambda sound, at, piece: sound[: at % len(sound)] + piece + sound[at % len(sound) + 1 :],
    st.sampled_from(["2024-01-05", "23:59:59", "2024-01-05T10:20:30.123456", "2024-01-05 10:20:30+05:30", "-123.45"]),
    st.integers(0, 40),
    st.text("0123456789-+:. TZtzexX_BC", max_size=3),
)


def outcome(carry: Callable[[], str | None]) -> str | None:
    """The text in the file, or the code of the refusal in brackets."""
    try:
        return carry()
    except PermanentError as error:
        return f"<{error.code}>"


@pytest.mark.parametrize("kind", FORMS)
@often
@given(value=_pieces | _broken)
def test_projections_agree_and_write_one_form(executions: Executions, kind: Kind, value: str) -> None:
    declared, form = FORMS[kind]
    first = outcome(lambda: executions.value(declared, json.dumps(value)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sync.results.fast.check", lambda _: lambda _: False)
        second = outcome(lambda: executions.value(declared, json.dumps(value)))
    refused = "<value_does_not_fit>"
    assert (first == refused) == (second == refused)
    if first is not None and first != refused:
        assert re.fullmatch(form, first, re.ASCII)
        assert re.fullmatch(form, str(second), re.ASCII)
