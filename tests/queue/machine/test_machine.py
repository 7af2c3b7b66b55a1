"""The queue keeps its promises, whatever happens in whatever order: see model.py."""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.queue.machine import reality
from tests.queue.machine.upkeep import Machine

# Other ones each time, where somebody has the time.
EXAMPLES = int(os.environ.get("QUEUE_MACHINE_EXAMPLES", "0"))


@pytest.mark.timeout(1800)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("examples", [8, pytest.param(40, marks=pytest.mark.long)])
def test_the_queue_does_as_the_model_does(examples: int) -> None:
    reality.run("SET synchronous_commit = off")
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=60,
            derandomize=not EXAMPLES,
            database=None,
            report_multiple_bugs=False,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
