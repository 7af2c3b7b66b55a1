"""What an analyst asks, by docs/how-to/query-what-is-there.md, of a catalogue and views that were really made."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.warehouse.conftest import Catalogued

PAGE = Path(__file__).parents[2] / "docs/how-to/query-what-is-there.md"


def questions() -> Iterator[tuple[str, str]]:
    """Each statement of the page, under its heading."""
    for part in PAGE.read_text().split("\n## ")[1:]:
        heading = part.partition("\n")[0]
        for number, sql in enumerate(re.findall(r"```sql\n(.*?);\n```", part, re.DOTALL)):
            yield f"{heading} {number}", sql


@pytest.fixture
def answers(catalogued: Catalogued) -> dict[str, list[tuple[Any, ...]]]:
    """A workflow with runs of two days, one of other columns, one that failed, and what the page's SQL says."""
    world, now = catalogued.world, timezone.now()
    world.workflow.name = "Campaign report"
    world.workflow.save()
    parameters = {"region": "north", "api_token": "hidden"}
    runs = [
        ([("id", "integer")], [[1], [2]], now - timedelta(days=1), parameters),
        ([("id", "integer"), ("note", "text")], [[3, "x"]], now - timedelta(hours=30), parameters),
        ([("id", "integer")], [["no number"]], now - timedelta(seconds=1), parameters),
        ([("id", "integer")], [[4]], now, parameters | {"region": "south"}),
    ]
    for columns, rows, at, parameters in runs:
        world.complete(columns, rows, completed_at=at, execution_parameters=parameters)
        world.work()
    catalogued.publish()
    cursor = world.snowflake.connect().cursor()
    return {question: cursor.execute(sql).fetchall() for question, sql in questions()}


def test_the_page_answers_what_analysts_ask(answers: dict[str, list[tuple[Any, ...]]]) -> None:
    (yesterday,) = [row for row in answers["Which table has yesterday's run, and is it complete? 0"] if row[3] == 2]
    assert yesterday[1].startswith("WORKFLOW_EXECUTION_")
    assert yesterday[2:5] == (True, 2, 2)
    parameters = answers["What were its parameters? 0"]
    assert [row[2] for row in parameters] == ["south", "north", "north", "north"]
    assert json.loads(parameters[0][1]) == {"region": "south"}
    assert [row[0] for row in answers["Which is the latest? 0"]] == [4]
    assert len(answers["Which is the latest? 1"]) == 1
    assert "of the workflow" in str(answers["Which is the latest? 2"])
    assert [row[1] for row in answers["All runs of a workflow 0"]] == [2, 1]
    (left_out,) = answers["All runs of a workflow 1"]
    assert left_out[3] == "Its columns are not the latest's: it has NOTE"
    (failed,) = answers["What failed this week? 0"]
    assert (failed[0], failed[3]) == ("Campaign report", "value_does_not_fit")
