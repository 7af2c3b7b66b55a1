"""The sample data of the demo."""

import json

from sandbox.samples import sample_executions
from sandbox.samples.flights import flights


def test_a_seed_always_gives_the_same() -> None:
    assert list(sample_executions(40, with_bad=True)) == list(sample_executions(40, with_bad=True))
    assert list(sample_executions(40)) != list(sample_executions(40, seed=2))


def test_all_of_it_is_json() -> None:
    for sample in sample_executions(60, with_bad=True):
        json.dumps([sample.result_columns, sample.result_rows], allow_nan=False)


def test_rows_are_objects_in_some_and_arrays_in_others() -> None:
    kinds = {type(s.result_rows[0]) for s in sample_executions(60) if s.result_rows}

    assert kinds == {dict, list}


def test_good_rows_have_no_key_that_is_not_declared() -> None:
    for sample in sample_executions(60):
        names = {column["name"] for column in sample.result_columns}
        for row in sample.result_rows or []:
            assert len(row) <= len(names)
            assert not isinstance(row, dict) or row.keys() <= names


def test_every_fifteenth_is_bad_when_asked() -> None:
    samples = list(sample_executions(45, with_bad=True))

    assert [i for i, s in enumerate(samples, 1) if s.flaw] == [15, 30, 45]
    assert len({s.flaw for s in samples}) == 4
    assert not any(s.flaw for s in sample_executions(45))


def test_there_is_something_of_everything() -> None:
    text = json.dumps([s.result_rows for s in sample_executions(60)], ensure_ascii=False)

    for part in ("夏のセール", "🖤", '\\"Big\\"', "\\n", "null", '""', "touches", "JFK"):
        assert part in text


def test_the_flights_are_five_hundred_and_some_never_left() -> None:
    assert len(flights()) == 500
    assert any(flight["dep_time"] is None for flight in flights())


def test_rules_can_be_tried_on_it() -> None:
    samples = list(sample_executions(45, with_bad=True))
    orders = [s for s in samples if s.workflow_name == "Orders"]
    rows = [row for sample in orders for row in sample.result_rows or []]

    assert {row["status"] for row in rows} == {"paid", "open"}
    assert all("@" in row["email"] for row in rows)
    assert {0, 35, 120} <= {s.days_ago for s in orders}
    assert sum(s.workflow_name == "Heartbeat" for s in samples) >= 4
