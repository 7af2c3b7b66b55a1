"""Names: quoting, table names, column names."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.snowflake.identifiers import (
    MAX_LENGTH,
    OWN_COLUMNS,
    IdentifierCase,
    column_names,
    literal,
    qualified,
    quote,
    resolve,
    table_name,
)

DAY = date(2025, 3, 9)
UUID = "550e8400-e29b-41d4-a716-446655440000"
NEEDS_NO_QUOTES = re.compile(r"[A-Z_][A-Z0-9_]*")
CASES: tuple[IdentifierCase, ...] = ("upper", "preserve")

texts = st.text(st.characters(exclude_characters="\0"), max_size=300)
# Ids that like to collide: one letter in all its disguises.
ids = st.one_of(texts, st.text("aA-_. 1", max_size=6), st.uuids().map(str))
keys = st.lists(st.one_of(texts, st.text("aA_2", max_size=4), st.sampled_from(OWN_COLUMNS)), max_size=20)
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
    ("some", "upper"),
    [
        (["id", "Total €", "order-id"], ("ID", "TOTAL__", "ORDER_ID")),
        (["a", "A", "a"], ("A", "A_2", "A_3")),
        (["a", "A", "a_2"], ("A", "A_2", "A_2_2")),
        (["", "x", ""], ("COLUMN_1", "X", "COLUMN_3")),
        (["2024", "select"], ("_2024", "SELECT")),
        (["_row_number", "_EXECUTION_ID", "_Synced_At"], ("_ROW_NUMBER_2", "_EXECUTION_ID_2", "_SYNCED_AT_2")),
    ],
)
def test_column_names(some: list[str], upper: tuple[str, ...]) -> None:
    assert column_names(some, "upper") == upper


def test_column_names_as_they_are() -> None:
    names = column_names(["a", "A", 'b "c"', "_ROW_NUMBER"], "preserve")
    assert names == ("a", "A", 'b "c"', "_ROW_NUMBER_2")


def test_a_column_keeps_its_name_when_others_come_behind_it() -> None:
    before = column_names(["a", "A"], "upper")
    assert column_names(["a", "A", "a_2", "b"], "upper")[:2] == before


@given(keys, cases)
def test_column_names_are_unique_quotable_and_not_ours(some: list[str], case: IdentifierCase) -> None:
    names = column_names(some, case)

    assert len(names) == len(some)
    assert len({*names, *OWN_COLUMNS}) == len(some) + len(OWN_COLUMNS)
    for name in names:
        quote(name)
    assert case == "preserve" or all(map(NEEDS_NO_QUOTES.fullmatch, names))


@given(keys, cases)
def test_column_names_are_their_own_names(some: list[str], case: IdentifierCase) -> None:
    names = column_names(some, case)
    assert column_names(names, case) == names
