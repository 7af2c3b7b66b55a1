"""Documents of rules as people write them: what is written is what is meant, and nothing else is."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.rules import RulesError, from_text, to_text

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex(r"[-+0-9.eE:_~yYnNoO]{1,8}", fullmatch=True)


@given(
    st.recursive(
        _SCALARS | _TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
        max_leaves=12,
    ).filter(lambda value: value is not None)
)
@example("\x85")
def test_what_is_written_is_read_again(document: Any) -> None:
    written = to_text(document)
    assert repr(from_text(written)) == repr(document), written


@pytest.mark.parametrize(
    "text",
    ["no", "on", "Yes", "007", "0x1f", "1_000", "12:30", "2026-01-31", "=", "<<", "1.", ".5", "+1", "NaN", ".inf"],
)
def test_what_looks_like_a_text_is_one(text: str) -> None:
    assert from_text(f"value: {text}") == {"value": text}


def test_numbers_truths_and_null_are_as_in_json() -> None:
    written = 'value: [1, -2, 1.5, 1e3, true, false, null, "1", 12345678901234567890]'
    assert from_text(written)["value"] == [1, -2, 1.5, 1e3, True, False, None, "1", 12345678901234567890]
    assert from_text('{"columns": ["*_email"], "action": "hash"}') == {"columns": ["*_email"], "action": "hash"}
    assert from_text("# nothing") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("action: drop\ncolumns: *", "line 2: a text that begins with *"),
        ("action: drop\ncolumns: [*_email]", "line 2: a text that begins with *"),
        ("a: &x [1]\nb: [*x, *x]", "line 2: a text that begins with *"),
        ("a: !!python/object/apply:os.system [id]", "line 1: a text that begins with *, & or !"),
        ("a: 1\na: 2", "line 2: a key stands there twice"),
        ("? [1]\n: 2", "line 1: a key has to be a text"),
        ("a: [1,\nb: 2", "line 2: did not find"),
        ("a: b: c", "line 1: mapping values are not allowed"),
        ("- 1\n---\n- 2", "another document"),
        ("a: 0.1234567890123456789", "line 1: the number has more digits"),
        ("a: 1e999", "line 1: the number has more digits"),
        ("a: 1e9999999999999999999", "line 1: the number has more digits"),
        ("a: 1e-9999999999999999999", "line 1: the number has more digits"),
        ("[" * 100_000, "line 1: it stands too deep"),
        ("a: \x00", "it holds a character"),
        ("a: \ud800", "it holds a character"),
        (f"a: {'9' * 5000}", "line 1: the number has more digits"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(RulesError) as refused:
        from_text(text)
    ((place, what),) = refused.value.problems
    assert place == ()
    assert said in what


def test_a_condition_stands_on_a_line() -> None:
    where = {
        "all": [{"column": "paid", "operator": "eq", "value": True}, {"column": "n", "operator": "gt", "value": 1}]
    }
    assert to_text({"where": where}) == (
        "where:\n  all:\n    - {column: paid, operator: eq, value: true}\n    - {column: n, operator: gt, value: 1}\n"
    )
    assert to_text({"action": "hash", "columns": ["e-mail", "*_mail"]}) == "action: hash\ncolumns: [e-mail, '*_mail']\n"
