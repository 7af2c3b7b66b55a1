"""Random results under random rules come out as a plain model of the rules has it, value by value."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.errors import PermanentError
from sync.rules import Plan
from tests.results.conftest import Executions, plan_of
from tests.results.rule_model import outcome
from tests.results.test_properties import as_json
from tests.results.test_properties import text as texts
from tests.results.value_model import distinct, read

KEYS = ["a", "b", "c", "größe", "it's", 'q"q', "100%", "back\\slash", "{}", "a b", "*", "!_", "c1", "r"]
NEW = ["größer", 'q"', "%s", "\\", "N", "x y"]
GLOBS = ["*", "a*", "*s", "*%", "b*h", "*!*", "c*"]
PATHS = ["x", "x.y", "*", "*.x", "x.*", "x.*.y", "x.", "*.*"]

whole = st.sampled_from([0, 1, -1, 100, 2, 3]) | st.integers(-(10**38) + 1, 10**38 - 1)
fractions = st.sampled_from(["1.50", "2.5", "1.5", "0.10", "-0.01", "12345678.9", "3.99", "1.00"]).map(Decimal)
number_texts = st.sampled_from(["1", "01", "+1.50", "1e2", ".5", "5.", "-0", "1.5", "100"])
numbers = whole.map(Decimal) | fractions | number_texts
zones = ["", "Z", "+00:00"]
moments = st.builds(
    lambda day, time, zone: day + (time and time + zone),
    st.sampled_from(["2024-02-29", "2023-12-31", "2024-03-01"]),
    st.sampled_from(["", "T10:20:30", " 10:20:30.000000001", "T10:20:30.500", "T00:20:30", " 23:59:59.999999999"]),
    st.sampled_from(zones),
)
abroad = st.sampled_from(["2024-02-29T15:50:30+05:30", "2024-03-01T00:20:30.5+14:00", "2024-02-28 23:00:00-11:20"])
emails = st.sampled_from(["ada@example.com", "a@b@c", "@b", "a@", "a@b c", "@", "größe@example.com", "a@münchen.de"])
words = st.sampled_from(["ab", "abc", "abcd", "abcde", "%", "_", "a%b", "a_b", "1.50", "01", "null", "🎉🎉🎉🎉🎉"])
nested = st.recursive(
    st.none() | st.booleans() | numbers | emails | words | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", ""]), inner, max_size=3),
    max_leaves=8,
)
OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "text": texts | emails | words | numbers | moments | nested,
    "int": whole.map(Decimal) | st.sampled_from(["1", "01", "-0", "1e2", "5."]) | st.just(Decimal("1.00")),
    "decimal(10,2)": fractions.filter(lambda n: n < 10**8) | number_texts,
    "float": numbers,
    "boolean": st.booleans() | st.sampled_from(["TRUE", "f", "yes", "No", "on", "0.0", "1"]) | st.just(Decimal(1)),
    "date": st.sampled_from(["2024-02-29", "2023-12-31", "0001-01-01", "9999-12-31"]),
    "timestamp": moments,
    "timestamptz": moments | abroad,
    "json": nested,
}
TYPES = st.sampled_from(list(OF_TYPE))


def value_of(declared: str) -> st.SearchStrategy[Any]:
    """Mostly one of the type."""
    return st.integers(0, 60).flatmap(
        lambda n: st.none() if n < 8 else nested | st.just("2024-02-30") if n == 8 else OF_TYPE[declared]
    )


# Of a rule, which has no exact decimals.
constants = st.sampled_from(
    [1, 0, 1.5, 100, "1.50", True, "x", "ab", "", "2024-02-29", "2024-02-29T10:20:30Z", "ada@example.com"]
)


def constant_of(declared: str) -> st.SearchStrategy[Any]:
    own = {
        "int": st.sampled_from([0, 1, "100", 1.5, 10**30]),
        "decimal(10,2)": st.sampled_from([0, 1.5, "2.50"]),
        "float": st.sampled_from([0, 1.5, "1e2"]),
        "boolean": st.sampled_from([True, False, "yes"]),
        "date": OF_TYPE["date"],
        "timestamp": moments,
        "timestamptz": moments | abroad,
    }
    return st.integers(0, 30).flatmap(lambda n: constants if n == 0 else own.get(declared, constants | words))


Declared = list[tuple[str, str]]


@st.composite
def conditions(draw: st.DrawFn, declared: Declared, depth: int = 0) -> dict[str, Any]:
    if depth < 2 and draw(st.integers(0, 3)) == 0:
        inner = st.lists(conditions(declared, depth + 1), min_size=1, max_size=3)
        return {draw(st.sampled_from(["all", "any"])): draw(inner)}
    key, of = draw(st.sampled_from(declared)) if draw(st.integers(0, 40)) else ("nowhere", "text")
    ordering = ["lt", "le", "gt", "ge", "like", "between"]
    operator = draw(
        st.sampled_from(["eq", "ne", "in", "null", *ordering[: 6 if of != "json" else draw(st.integers(0, 1))]])
    )
    value: Any
    match operator:
        case "null":
            value = draw(st.booleans())
        case "like":
            value = draw(st.sampled_from(["*", "a*", "*@*", "*0*", "%", "a_b", "a*b", "2024*"]))
        case "in":
            value = draw(st.lists(constant_of(of), min_size=1, max_size=12))
        case "between":
            value = [draw(constant_of(of)), draw(constant_of(of))]
        case _:
            value = draw(constant_of(of))
    return {"column": key, "operator": operator, "value": value}


@st.composite
def column_rules(draw: st.DrawFn, declared: Declared) -> dict[str, Any]:
    often = ["rename", "cast", "hash", "mask", "replace", "within"]
    action = draw(st.sampled_from(["drop", "keep_only", "null", "allow", *often * 3]))
    keys = [key for key, of in declared if of == "json"] if action == "within" else [key for key, _ in declared]
    names = st.sampled_from(keys or ["nowhere"])
    if action in ("keep_only", "mask", "hash"):
        names |= st.sampled_from(GLOBS)
    rule: dict[str, Any] = {
        "kind": "column",
        "action": action,
        "columns": draw(st.lists(names, min_size=1, max_size=2)),
    }
    if action == "within":
        rule |= {"action": draw(st.sampled_from(["hash", "mask", "drop"])), "path": draw(st.sampled_from(PATHS))}
    if rule["action"] == "mask":
        rule |= {"keep": draw(st.sampled_from(["last", "first", "domain", "nothing"]))}
        rule |= {"characters": draw(st.integers(1, 5)), "text": draw(st.sampled_from(["***", "", "it's % \\ 🎉"]))}
    elif action == "rename":
        rule |= {"columns": [rule["columns"][0].replace("*", "a")], "to": draw(st.sampled_from([*NEW, "new", "b"]))}
    elif action == "cast":
        rule |= {"type": draw(TYPES)}
    elif action == "replace":
        rule |= {"value": draw(constant_of(dict(declared).get(rule["columns"][0], "text")))}
    return rule


@st.composite
def cases(draw: st.DrawFn) -> tuple[Declared, bool, list[Any], Plan]:
    is_unique = bool(draw(st.integers(0, 9)))
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=is_unique))
    declared = [(key, draw(TYPES)) for key in keys]
    as_objects = draw(st.booleans())
    types = dict(reversed(declared)) if as_objects else {}
    fields = [value_of(types.get(key, of)) for key, of in declared]
    rows = draw(st.lists(st.tuples(*fields), min_size=draw(st.integers(0, 3)), max_size=6))
    adding = st.builds(
        lambda key, constant, of: {"kind": "add", "column": key, "constant": constant} | ({"type": of} if of else {}),
        st.sampled_from(["new", "more", "a"]), constants, st.sampled_from(["", "", "", "text", "json", "int"]),
    )  # fmt: skip
    rules = [
        *draw(st.lists(column_rules(declared), max_size=5)),
        *({"kind": "rows", "where": where} for where in draw(st.lists(conditions(declared), max_size=2))),
        *draw(st.lists(adding, max_size=1)),
    ]
    return declared, as_objects, rows, plan_of(*rules)


def stored(declared: Declared, row: tuple[Any, ...], *, as_objects: bool) -> Any:
    """The first of equal keys counts in an object; some nulls are missing keys."""
    if not as_objects:
        return list(row)
    taken = dict(reversed([(key, value) for (key, _), value in zip(declared, row, strict=True)]))
    return {key: value for at, (key, value) in enumerate(taken.items()) if value is not None or at % 2}


@pytest.mark.parametrize("exactly", [False, True])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(), undeclared=st.integers(0, 300))
def test_a_model_of_the_rules_agrees(executions: Executions, exactly: bool, case: Any, undeclared: int) -> None:
    declared, as_objects, rows, plan = case
    given_rows: list[Any] = [stored(declared, row, as_objects=as_objects) for row in rows]
    came: list[Any] = [
        {at: row.get(key) if as_objects else row[at] for at, (key, _) in enumerate(declared)} for row in given_rows
    ]
    if as_objects and undeclared < len(rows):
        given_rows[undeclared] |= {"undeclared": 1}
        came[undeclared] = None
    columns = [{"name": key, "type": of} for key, of in declared]
    executions.store(columns, f"[{', '.join(map(as_json, given_rows))}]")
    with pytest.MonkeyPatch.context() as patch:
        if exactly:
            patch.setattr("sync.results.fast.check", lambda _: lambda _: False)
        assert comparable(found(executions, plan)) == comparable(outcome(plan, declared, came))


def found(executions: Executions, plan: Plan) -> Any:
    try:
        shape = executions.inspect(plan=plan)
        lines = executions.export(plan=plan)
    except PermanentError as error:
        row = re.search(r"row (\d+)", error.happened)
        return error.code, int(row[1]) if row else None
    kinds = [KINDS[column.type.ddl] for column in shape.columns]
    return [[field_of(kind, field) for kind, field in zip(kinds, line[:-3], strict=True)] for line in lines]


KINDS = {
    "VARCHAR": "text", "NUMBER(38,0)": "int", "NUMBER(10,2)": "decimal(10,2)", "FLOAT": "float", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP_NTZ": "timestamp", "TIMESTAMP_TZ": "timestamptz", "VARIANT": "json",
}  # fmt: skip


def field_of(kind: str, field: Any) -> Any:
    if field is None:
        return None
    if kind == "json":
        return json.loads(field, parse_float=Decimal, parse_int=Decimal)
    return float(field) if kind == "float" else read(kind, str(field))


def comparable(made: Any) -> Any:
    """Decimals of floats as floats, and true told from 1."""
    if isinstance(made, tuple):
        return made
    return [[distinct(value) for value in line] for line in made]
