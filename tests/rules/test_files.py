"""Rules in a file: what is written is read as it was, and what cannot be meant is refused with its line."""

import json
import re
import time
import uuid
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings

from sync.rules import RulesFileError, documents, read_file, read_rules, write_file
from sync.rules.files import MOST_BYTES
from tests.rules import made

DESTINATION = uuid.UUID("0b8f3c9e-58a1-4b1f-9d0e-1c9a5a4d7e21")


def with_value(value: Any, note: str = "") -> made.Documents:
    return [{"name": "a", "kind": "column", "action": "replace", "columns": ["x"], "value": value, "note": note}]


@settings(max_examples=150, deadline=None)
@given(made.documents)
@example(with_value("\n"))
@example(with_value("a\n\n"))
@example(with_value(" a\nb"))
@example(with_value("# a\n  b\n"))
@example(with_value("\u2028\n"))
@example(with_value("a\r\nb"))
@example(with_value("x " * 3000))
@example(with_value(-0.0))
@example(with_value(1e-7))
@example(with_value(10**400))
@example(with_value("\x85"))
@example(with_value("a\n\nb"))
@example(with_value("1e3"))
def test_what_is_written_is_read_as_it_was(given_: made.Documents) -> None:
    rules = read_rules(given_)
    text = write_file(rules, DESTINATION, 7, " (Analytics)")
    there = read_file(text.encode(), "rules.yaml")
    assert there.rules == rules
    assert there.exported_from == (DESTINATION, 7)
    # So do readers that know YAML 1.1 only.
    assert json.dumps(yaml.safe_load(text), sort_keys=True) == json.dumps(documents(rules), sort_keys=True)


@pytest.mark.parametrize(
    "text", ["007", "+1", "0x1F", "null", "2026-01-31", "a\nb\n", "\ufeff", "é\x85", "\n", "-", ""]
)
def test_text_stays_text(text: str) -> None:
    rules = read_rules(with_value(text, note=text))
    assert read_file(write_file(rules, DESTINATION, 1, "").encode(), "x").rules == rules


RULE = "- name: a\n  kind: column\n  action: drop\n  columns: [x]\n"
ROWS = "- kind: rows\n  name: b\n"
REFUSED = [
    ("", 1, "there is nothing in it; to have no rules, write []"),
    ("# Only this.\n", 1, "there is nothing in it"),
    ("rules: []", 1, "has to be a list"),
    (f"{RULE}  colour: red\n", 5, "rule 1, colour: is not known here: look for a misspelling"),
    (f"{RULE}  columns: [y]\n", 5, "a key stands there twice"),
    (f"{RULE}{ROWS}", 5, "rule 2, where: is missing"),
    (
        f"{RULE}{ROWS}  where:\n    all:\n    - {{column: c, operator: is, value: 1}}\n",
        9,
        "rule 2, where.all.0: operator",
    ),
    (f"{RULE}  enabled: no\n", 5, "rule 1, enabled: has to be true or false"),
    (f"{RULE}  note: 5\n", 5, "rule 1, note: has to be a text: write it in quotes"),
    (f"{RULE}{RULE}", 5, "rule 2, name: rule 1 has the same name"),
    (f"{RULE}\tnote: x\n", 5, "found character that cannot start any token"),
    (f"{RULE}- name: \x1b[2J\n", 5, "holds a character that cannot be kept"),
    (f"{RULE}- {'[' * 100}\n", 5, "too deep"),
    (f"{RULE}- *a\n", 5, "has to stand in quotes"),
]


@pytest.mark.parametrize(("text", "line", "said"), REFUSED)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(RulesFileError) as refused:
        read_file(text.encode(), "rules.yaml")
    assert str(refused.value).startswith(f"rules.yaml:{line}: ")
    assert said in str(refused.value)


def test_each_thing_that_is_wrong_has_its_line() -> None:
    text = f"{RULE}  colour: red\n  note: 5\n- name: b\n  kind: rows\n  where: {{all: []}}\n"
    with pytest.raises(RulesFileError) as refused:
        read_file(text.encode(), "r")
    assert [number for number, _ in refused.value.problems] == [6, 5, 9]


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(RulesFileError, match="r:2: these bytes are no UTF-8"):
        read_file(b"- a\n- \xff\n", "r")
    assert read_file(b"\xef\xbb\xbf[]", "r").rules == ()


def test_windows_line_ends() -> None:
    rules = read_rules(with_value("a\nb"))
    text = write_file(rules, DESTINATION, 2, "").replace("\n", "\r\n")
    there = read_file(text.encode(), "r")
    assert (there.rules, there.exported_from) == (rules, (DESTINATION, 2))


HOSTILE = {
    "aliases": "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(1000)),
    "brackets": "[" * MOST_BYTES,
    "dashes": "- " * (MOST_BYTES // 2),
    "indented": "".join(f"{' ' * n}-\n" for n in range(900)),
    "keys": "{" + "a, " * (MOST_BYTES // 3) + "}",
    "quotes": '"' + "\\" * (MOST_BYTES - 2),
    "question marks": "? " * (MOST_BYTES // 2),
    "comments": "#" * MOST_BYTES,
    "blanks": " " * MOST_BYTES,
    "colons": "a: " * (MOST_BYTES // 3),
    "digits": "- " + "1" * (MOST_BYTES - 2),
    "text": "- |\n" + " a\n" * (MOST_BYTES // 3 - 2),
    "too large": "#" * (MOST_BYTES + 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_somebody_sends_takes_long(name: str) -> None:
    started = time.process_time()
    with pytest.raises(RulesFileError) as refused:
        read_file(HOSTILE[name].encode(), "r")
    assert len(str(refused.value)) < 100_000
    assert time.process_time() - started < 60


def test_what_a_file_looks_like() -> None:
    text = """\
# Version 3 of the rules of destination 0b8f3c9e-58a1-4b1f-9d0e-1c9a5a4d7e21
- name: Paid
  kind: rows
  workflow: orders
  note: |-
    Only what somebody
    has paid for.
  where:
    all:
      - column: status
        operator: in
        value: [paid, 'no', '007', 7]
      - {column: amount, operator: gt, value: 0}
- name: Hash e-mails
  kind: column
  action: hash
  columns: [email, '*_email']
"""
    assert write_file(read_file(text.encode(), "r").rules, DESTINATION, 3, "") == text


def test_a_comment_below_the_rules_is_no_version() -> None:
    first = f"# Version 3 of the rules of destination {DESTINATION}\n"
    assert read_file(f"# Ours.\n{first}[]".encode(), "r").exported_from == (DESTINATION, 3)
    assert read_file(f"[]\n{first}".encode(), "r").exported_from is None
    assert read_file(re.sub("3 ", "x ", first).encode() + b"[]", "r").exported_from is None
