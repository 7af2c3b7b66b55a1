"""Statements an execution with everything on: catalogue, views, comments and tags, as a destination has them at first.

What is kept beside the results is written at most each half minute, and so it costs the less an execution the more
there are: one a second here, where each is loaded alone.
"""

import time
from functools import partial

from benchmarks.common import Figure, at_most
from benchmarks.installation import Installation, installation
from benchmarks.workers import work_once, workers
from sandbox.snowflake.client import LocalSnowflake

_WAITING, _ALONE = 100, 90
_EVERY = 1.0
_BARS = {"per_execution": 2.3, "per_workflow": 0.12}
_BAR_ALONE = 3.2


def measure(_rounds: int) -> list[Figure]:
    """Counted at the server: no rounds are needed."""
    with LocalSnowflake() as server:
        waiting = [figure for layout, bar in _BARS.items() for figure in _waiting(server, layout, bar)]
        return [_alone(server), *waiting]


def _alone(server: LocalSnowflake) -> Figure:
    """A worker that runs, and one execution after the other."""
    with installation(server.endpoint) as installed, workers(installed, 1) as running:
        for number in range(_ALONE):
            started = time.monotonic()
            installed.complete(1)
            running.wait_until(partial(_has_loaded, installed, number + 1))
            time.sleep(max(0.0, started + _EVERY - time.monotonic()))
        # The last of them have their rows after half a minute.
        running.wait_until(lambda: not installed.ask("SELECT FROM snowflake_sync_catalogue_changes LIMIT 1"), every=1)
        count, detail = _counted(server, installed)
    name = "statements an execution with everything on, each alone, one a second at most"
    return at_most(name, count / _ALONE, "", _BAR_ALONE, f"{count} for {_ALONE} executions of 100 rows: {detail}")


def _has_loaded(installed: Installation, executions: int) -> bool:
    return installed.completed() == executions


def _waiting(server: LocalSnowflake, layout: str, bar: float) -> list[Figure]:
    """The first that wait for a worker, and as many more for the next one."""
    figures = []
    with installation(server.endpoint, layout=layout) as installed:
        before = 0
        for number, which in enumerate(("first", "later")):
            installed.complete(_WAITING)
            work_once(installed, _WAITING * (number + 1))
            count, detail = _counted(server, installed)
            name = f"statements an execution with everything on, {layout}, {which} {_WAITING} waiting"
            said = f"{count - before} for {_WAITING} executions of 100 rows; so far: {detail}"
            figures.append(at_most(name, (count - before) / _WAITING, "", bar, said))
            before = count
    return figures


def _counted(server: LocalSnowflake, installed: Installation) -> tuple[int, str]:
    """How many there were, and of which kinds."""
    sent = [statement.sql.split("(")[0].split() for statement in server.statements("", installed.snowflake)]
    kinds: dict[str, int] = {}
    for words in sent:
        longer = words[0] in {"CREATE", "INSERT", "ALTER"}
        kind = " ".join(word for word in words[: 4 if longer else 1] if '"' not in word)
        kinds[kind] = kinds.get(kind, 0) + 1
    return len(sent), ", ".join(f"{count} {kind}" for kind, count in kinds.items())
