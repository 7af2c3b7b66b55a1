"""What SHOW and DESCRIBE say, in the words that a comparison goes by."""

import pytest

from sync.snowflake.statements import comment, marker
from sync.snowflake.warehouse.listing import Mark, made_as, mark_in

HERE = "0b6a8a34-5d0c-4a53-8f5e-7f5f6f0c9a21"


@pytest.mark.parametrize(
    ("described", "made"),
    [
        ("VARCHAR(16777216)", "VARCHAR"),
        ("VARCHAR(134217728)", "VARCHAR"),
        ("VARCHAR(16777216) COLLATE 'en-ci'", "VARCHAR"),
        ("VARCHAR(20)", "VARCHAR(20)"),
        ("NUMBER(38,0)", "NUMBER(38,0)"),
        ("TIMESTAMP_NTZ(9)", "TIMESTAMP_NTZ"),
        ("TIMESTAMP_NTZ(3)", "TIMESTAMP_NTZ(3)"),
        ("TIME(9)", "TIME"),
        ("VARIANT", "VARIANT"),
    ],
)
def test_a_type_as_it_was_made(described: str, made: str) -> None:
    assert made_as(described) == made


@pytest.mark.parametrize(
    ("subject", "id_"), [("execution", "a, destination b"), ("shared", "it's\n—"), ("execution", "")]
)
def test_a_mark_is_read_as_it_is_written(subject: str, id_: str) -> None:
    for text in (marker(subject, id_, HERE), comment(marker(subject, id_, HERE), {"A": "a key"}, "Of a workflow")):
        assert mark_in(text) == Mark(subject, id_, HERE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ours",
        marker("check", "USS_CHECK_1", HERE),
        marker("execution", "x", "somewhere"),
        f" {marker('execution', 'x', HERE)}",
        f"{marker('execution', 'x', HERE)} and more",
    ],
)
def test_anything_else_is_no_mark(text: str) -> None:
    assert mark_in(text) is None
