"""Nobody holds a thread by a long text: what is parsed takes time as its length, not as the square of it."""

from collections.abc import Callable
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from config.log_lines import visible
from sync.reporting.cursor import Cursor
from sync.results.location import location_in
from sync.snowflake.identifiers import requested_table, workflow_table
from sync.snowflake.load.columns import named
from sync.snowflake.session import query_address
from sync.snowflake.session.account import account_from
from sync.snowflake.session.credentials import KeyPair
from sync.snowflake.session.failures import classify
from tests.growth import LINEAR, TIMES, growth

AT = 'Row 1, column "T"["N":1] If you would like '


def refused(text: str) -> object:
    return classify(ProgrammingError(msg=text, errno=100038, sqlstate="22018"), "load")


PARSERS: list[tuple[Callable[[str], Any], tuple[str, ...]]] = [
    (account_from, ("a-", "a.", "-", "https://", "https://app.snowflake.com/a", ".snowflakecomputing.com")),
    (lambda text: query_address(text, text), ("a-", "a", "-_")),
    (lambda text: location_in(f"Execution e, {text}", "e"), ("column '", "\\", "'", "column 'a', row ", "row 1")),
    (refused, (AT, "Row 1, column ", "warehouse ", "lock ", '"', "390144 ")),
    (visible, ("\n", "a", "\u202e")),
    (Cursor.decode, ("a", "=", "W1tb", "WyJh")),
    (lambda text: KeyPair.read("user", text), ("-----BEGIN ", "ENCRYPTED ", "a", "\n")),
    (lambda text: requested_table(text, "upper"), ("a", "_", "\u00df", "_0123456789ABCDEF", '"')),
    (lambda text: workflow_table(text, "preserve"), ("a", "_", "_0123456789ABCDEF")),
    (lambda text: named([[text]], "upper", {}), ("a", "_", "_1", "\u00df")),
]
CASES = [(parse, part) for parse, parts in PARSERS for part in parts]


@pytest.mark.parametrize(("parse", "part"), CASES, ids=[f"{number} {part!a}" for number, (_, part) in enumerate(CASES)])
def test_a_long_text_takes_time_as_its_length(parse: Callable[[str], Any], part: str) -> None:
    size = 20_000
    text = part * (TIMES * size // len(part) + 1)
    assert growth(lambda length: parse(text[:length]), size) < LINEAR
