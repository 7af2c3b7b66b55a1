"""Names: quoting, and names of tables."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.snowflake.identifiers import (
    MAX_LENGTH,
    IdentifierCase,
    folded,
    literal,
    qualified,
    quote,
    requested_table,
    resolve,
    table_name,
    workflow_table,
)

DAY = date(2025, 3, 9)
UUID = "550e8400-e29b-41d4-a716-446655440000"
NEEDS_NO_QUOTES = re.compile(r"[A-Z_][A-Z0-9_]*")
CASES: tuple[IdentifierCase, ...] = ("upper", "preserve")

texts = st.text(st.characters(exclude_characters="\0"), max_size=300)
# Ids that like to collide: one letter in all its disguises.
ids = st.one_of(texts, st.text("aA-_. 1", max_size=6), st.uuids().map(str))
cases = st.sampled_from(CASES)


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("A", '"A"'), ('a"b', '"a""b"'), ("select", '"select"'), ("ü; DROP", '"ü; DROP"'), ("x" * 255, None)],
)
def test_quote(name: str, quoted: str | None) -> None:
    assert quote(name) == (quoted or f'"{name}"')


@pytest.mark.parametrize("name", ["", "x" * 256, "a\0b"])
def test_quote_refuses_what_no_identifier_can_be(name: str) -> None:
    with pytest.raises(ValueError, match="Not a Snowflake identifier"):
        quote(name)


def test_qualified() -> None:
    assert qualified("DB", 'a"', "T") == '"DB"."a"""."T"'


@pytest.mark.parametrize(
    ("text", "constant"),
    [("", "''"), ("it's", "'it''s'"), ("\\", "'\\\\'"), ("\\'", "'\\\\'''"), ("a\nb", "'a\nb'")],
)
def test_literal(text: str, constant: str) -> None:
    assert literal(text) == constant


@given(texts)
def test_a_literal_ends_where_it_should(text: str) -> None:
    inside = literal(text)[1:-1].replace("\\\\", "").replace("''", "")
    assert "'" not in inside
    assert "\\" not in inside


def test_literal_refuses_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        literal("a\0")


@pytest.mark.parametrize(
    ("typed", "name"),
    [("sales", "SALES"), ('"sales"', "sales"), ('"a""b"', 'a"b'), ("my-db", "my-db"), ("_x$1", "_X$1"), ("", "")],
)
def test_resolve(typed: str, name: str) -> None:
    assert resolve(typed) == name


@pytest.mark.parametrize(
    ("execution_id", "name"),
    [
        (UUID, "WORKFLOW_EXECUTION_20250309_550E8400_E29B_41D4_A716_446655440000"),
        ("RUN_1", "WORKFLOW_EXECUTION_20250309_RUN_1"),
        ("1234567890", "WORKFLOW_EXECUTION_20250309_1234567890"),
    ],
)
def test_plain_ids_give_clean_table_names(execution_id: str, name: str) -> None:
    assert table_name(DAY, execution_id, "upper") == name


def test_a_day_of_an_early_year_is_as_wide_as_any() -> None:
    assert table_name(date(1, 3, 9), "RUN_1", "upper") == "WORKFLOW_EXECUTION_00010309_RUN_1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a-b", "a_b"),
        ("A", "a"),
        ("", "_"),
        (UUID, UUID.upper()),
        (UUID, UUID.replace("-", "_")),
        (UUID, UUID.upper().replace("-", "_")),
        ("x" * 300, "x" * 301),
    ],
)
def test_ids_that_fold_to_one_name_get_two(one: str, other: str) -> None:
    assert table_name(DAY, one, "upper") != table_name(DAY, other, "upper")


def test_an_id_that_is_the_end_of_another_name_does_not_take_it() -> None:
    name = table_name(DAY, "a-b", "upper")
    taken = name.removeprefix("WORKFLOW_EXECUTION_20250309_")

    assert table_name(DAY, taken, "upper") != name


def test_preserve_is_exactly_the_logical_name() -> None:
    assert table_name(DAY, "Ä b-1", "preserve") == "workflow_execution_20250309_Ä b-1"


@given(st.lists(ids, unique=True, max_size=30), cases)
def test_table_names_are_unique_and_short_enough(some: list[str], case: IdentifierCase) -> None:
    names = [table_name(DAY, execution_id, case) for execution_id in some]

    assert len(set(names)) == len(some)
    assert all(0 < len(name) <= MAX_LENGTH for name in names)
    assert case == "preserve" or all(map(NEEDS_NO_QUOTES.fullmatch, names))


@pytest.mark.parametrize(
    ("workflow_id", "name"),
    [
        ("sales_eu", "WORKFLOW_SALES_EU"),
        (UUID, "WORKFLOW_550E8400_E29B_41D4_A716_446655440000"),
        ("42", "WORKFLOW_42"),
        ("営業", "WORKFLOW_営業"),
        ("продажи", "WORKFLOW_ПРОДАЖИ"),
    ],
)
def test_plain_workflows_give_clean_table_names(workflow_id: str, name: str) -> None:
    assert workflow_table(workflow_id, "upper") == name


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("my_table", "MY_TABLE"),
        ("MY_TABLE", "MY_TABLE"),
        ("売上", "売上"),
        ("Umsätze", "UMSÄTZE"),
        ("T_0123456789", None),
    ],
)
def test_a_table_that_is_asked_for_by_a_plain_name_has_it(asked: str, name: str | None) -> None:
    assert requested_table(asked, "upper") == (name or asked)
    assert requested_table(requested_table(asked, "upper"), "upper") == (name or asked)


ALIKE = [
    "sales-eu",
    "sales_eu",
    "Sales EU",
    "sales eu",
    "_sales_eu",
    "größe",
    "grösse",
    "é",
    "e\u0301",
    "__",
    "$$",
    "%-",
]


def test_what_folds_alike_gets_tables_of_its_own() -> None:
    assert len({requested_table(name, "upper") for name in ALIKE}) == len(ALIKE)
    for some in (ALIKE, [*ALIKE, "Sales_EU", "SALES_EU", UUID, UUID.upper(), UUID.replace("-", "_")]):
        assert len({workflow_table(name, "upper") for name in some}) == len(some)


@given(st.lists(ids.filter(bool), unique=True, max_size=30), cases)
def test_workflows_tables_are_unique_and_short_enough(some: list[str], case: IdentifierCase) -> None:
    names = [workflow_table(workflow_id, case) for workflow_id in some]

    assert len(set(names)) == len(some)
    assert all(0 < len(name) <= MAX_LENGTH for name in names)


@given(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=300))
def test_what_was_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    # The name that we write back to the execution is a request for the same table.
    name = requested_table(text, "upper")
    assert requested_table(name, "upper") == name
