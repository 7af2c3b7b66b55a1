"""Which column a key has."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.snowflake.identifiers import MAX_LENGTH, OWN_COLUMNS, IdentifierCase, quote
from sync.snowflake.load.columns import AmbiguousError, Names, adopted, columns_of, named, notes

CASES: tuple[IdentifierCase, ...] = ("upper", "preserve")

texts = st.text(st.characters(exclude_characters="\0"), max_size=300)
alike = st.one_of(st.text("aA_2 é", max_size=4), st.sampled_from([*OWN_COLUMNS, "current_date", "_current_date"]))
results = st.lists(st.lists(st.one_of(texts, alike), max_size=12), max_size=8)


def names_of(*keys: str, case: IdentifierCase = "upper", names: Names | None = None) -> tuple[str, ...] | None:
    return columns_of(keys, named([keys], case, names or {}))


@pytest.mark.parametrize(
    ("keys", "columns"),
    [
        (["id", "Total €", "order-id"], ("ID", "TOTAL__", "ORDER_ID")),
        (["売上", "在庫", "größe"], ("売上", "在庫", "GRÖSSE")),
        (["हिन्दी"], ("हिन्दी",)),
        (["a", "a", "a"], ("A", "A_2", "A_3")),
        (["", "x"], ("COLUMN", "X")),
        (["2024", "select"], ("_2024", "SELECT")),
        (["current_date", "LocalTime"], ("_CURRENT_DATE", "_LOCALTIME")),
    ],
)
def test_plain_names(keys: list[str], columns: tuple[str, ...]) -> None:
    assert names_of(*keys) == columns


def test_names_as_they_are() -> None:
    assert names_of("a", "A", 'b "c"', case="preserve") == ("a", "A", 'b "c"')
    # Only in upper case are these refused.
    assert names_of("current_date", "CURRENT_DATE", case="preserve") == ("current_date", "_CURRENT_DATE")


@pytest.mark.parametrize("keys", list(permutations(["unit price", "unit_price", "Unit_Price"])))
def test_the_order_does_not_decide(keys: tuple[str, ...]) -> None:
    names = named([keys], "upper", {})
    assert names["unit_price"] == ["UNIT_PRICE"]
    assert names == named([[key] for key in keys], "upper", {})
    assert len({name for (name,) in names.values()}) == 3


def test_our_own_columns_are_nobody_elses() -> None:
    columns = names_of("_row_number", "_EXECUTION_ID", "_Synced_At") or ()
    assert not {*columns} & {*OWN_COLUMNS}
    assert all(
        name.startswith(own) for name, own in zip(columns, ("_ROW_NUMBER", "_EXECUTION_ID", "_SYNCED_AT"), strict=True)
    )


def test_who_has_a_column_keeps_it() -> None:
    first = named([["unit price"]], "upper", {})
    second = named([["unit_price"]], "upper", first)
    assert second["unit price"] == ["UNIT_PRICE"]
    assert second["unit_price"][0].startswith("UNIT_PRICE_")


def test_what_a_name_does_not_say_is_told() -> None:
    names = named([["id", "Id", "current_date"]], "upper", {})
    assert names["id"] == ["ID"]
    assert notes(names, "upper") == {names["Id"][0]: "Id", "_CURRENT_DATE": "current_date"}


@given(results, st.sampled_from(CASES))
def test_columns_are_unique_quotable_and_for_good(some: list[list[str]], case: IdentifierCase) -> None:
    names: Names = {}
    before: dict[int, tuple[str, ...] | None] = {}
    for number, keys in enumerate(some):
        names = named([keys], case, names)
        before[number] = columns_of(keys, names)
    for number, keys in enumerate(some):
        columns = columns_of(keys, names)
        assert columns is not None
        assert columns == before[number]
        assert len(set(columns)) == len(keys)
    every = [column for columns in names.values() for column in columns]
    assert len({*every, *OWN_COLUMNS}) == len(every) + len(OWN_COLUMNS)
    assert all(len(quote(column)) and len(column) <= MAX_LENGTH for column in every)


class TestBeforeKeysWereRegistered:
    """A table that was filled by the rule of then: A-Z, 0-9 and _, and numbers by the order."""

    @pytest.mark.parametrize(
        ("keys", "there"),
        [
            (["unit price", "größe"], ["UNIT_PRICE", "GR__E"]),
            (["unit price", "unit_price"], ["UNIT_PRICE", "UNIT_PRICE_2"]),
            (["item", "item_2", "_row_number"], ["ITEM", "ITEM_2", "_ROW_NUMBER_2"]),
            (["x", ""], ["X", "COLUMN_2"]),
        ],
    )
    def test_what_is_clear_goes_on(self, keys: list[str], there: list[str]) -> None:
        assert columns_of(keys, adopted(keys, "upper", {}, [*there, *OWN_COLUMNS])) == tuple(there)

    @pytest.mark.parametrize(
        ("keys", "there"),
        [
            (["unit_price"], ["UNIT_PRICE", "UNIT_PRICE_2"]),
            (["unit price", "unit_price"], ["UNIT_PRICE"]),
            (["item_2"], ["ITEM", "ITEM_2"]),
            (["営業", "経理"], ["__"]),
        ],
    )
    def test_what_is_not_clear_is_said(self, keys: list[str], there: list[str]) -> None:
        with pytest.raises(AmbiguousError):
            adopted(keys, "upper", {}, [*there, *OWN_COLUMNS])

    def test_a_new_key_takes_nobodys_column(self) -> None:
        names = adopted(["item", "item_2", "New"], "upper", {}, ["ITEM", *OWN_COLUMNS])
        assert names == {"item": ["ITEM"]}
        assert adopted(["Item"], "upper", names, ["ITEM", *OWN_COLUMNS]) == names
