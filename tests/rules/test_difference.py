"""What one list of rules changes of another, as people read it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.rules import difference, read_rules


def drop(name: str, *columns: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "column", "action": "drop", "columns": list(columns) or ["x"]} | more


def told(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    return list(difference(read_rules(before), read_rules(after)).lines)


def test_nothing() -> None:
    assert told([drop("a"), drop("b")], [drop("a", note=""), drop("b", workflow="*")]) == []


def test_each_kind_of_change_is_told() -> None:
    before = [drop("Old"), drop("Mail", "email", "phone"), drop("Stays"), drop("Last")]
    where = {"all": [{"column": "a", "operator": "eq", "value": 1}, {"column": "b", "operator": "gt", "value": "0"}]}
    after = [
        drop("Last"),
        drop("mail", "email", enabled=False),
        drop("Stays"),
        {"name": "New", "kind": "rows", "where": where},
    ]
    assert told(before, after) == [
        "- rule 1 is removed",
        "    -- name: Old",
        "    -  kind: column",
        "    -  action: drop",
        "    -  columns: [x]",
        "> rule 4 becomes rule 1: Last",
        "~ rule 2 is changed: mail",
        "    -- name: Mail",
        "    +- name: mail",
        "       kind: column",
        "       action: drop",
        "    -  columns: [email, phone]",
        "    +  columns: [email]",
        "    +  enabled: false",
        "+ rule 4 is added",
        "    +- name: New",
        "    +  kind: rows",
        "    +  where:",
        "    +    all:",
        "    +      - {column: a, operator: eq, value: 1}",
        "    +      - {column: b, operator: gt, value: '0'}",
    ]


def test_in_a_long_rule_only_what_changed_is_told() -> None:
    def rows(value: object) -> list[dict[str, Any]]:
        conditions = [{"column": f"c{n}", "operator": "eq", "value": n} for n in range(50)]
        conditions[25]["value"] = value
        return [{"name": "a", "kind": "rows", "where": {"any": conditions}}]

    assert told(rows(1), rows("1")) == [
        "~ rule 1 is changed: a",
        "           - {column: c24, operator: eq, value: 24}",
        "    -      - {column: c25, operator: eq, value: 1}",
        "    +      - {column: c25, operator: eq, value: '1'}",
        "           - {column: c26, operator: eq, value: 26}",
    ]


@settings(max_examples=200, deadline=None)
@given(st.permutations(range(6)), st.integers(0, 6))
def test_no_more_is_moved_than_has_to_be(order: list[int], kept: int) -> None:
    before = read_rules([drop(str(n)) for n in range(6)])
    after = read_rules([drop(str(n)) for n in order[:kept]])
    found = difference(before, after)
    assert (found.removed, found.added, found.changed) == (6 - kept, 0, 0)
    rising = max(
        (len(part) for part in _parts(order[:kept]) if list(part) == sorted(part)),
        default=0,
    )
    assert found.moved == kept - rising
    assert sum(line.startswith(">") for line in found.lines) == found.moved


def _parts(numbers: list[int]) -> list[list[int]]:
    return [[n for place, n in enumerate(numbers) if mask >> place & 1] for mask in range(2 ** len(numbers))]
