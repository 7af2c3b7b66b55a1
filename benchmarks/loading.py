"""The whole way, beside what users do today: statements an execution, and executions a second.

"Today" is `benchmarks.peers.dataframe`: a pandas DataFrame, write_pandas and MERGE, one execution after the other. Each
execution has 100 rows of 12 columns. Our worker is a process, and its start counts.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.answering import Answering
from benchmarks.common import Figure, Ratio, at_least, at_most, ratio_of_pairs, reported
from benchmarks.installation import installation
from benchmarks.peers import dataframe, dlt_pipeline
from benchmarks.workers import Cost, cpu_of, work_once
from sandbox.snowflake.client import LocalSnowflake

_COUNTED = 100
_BARS = {"per_execution": 2.1, "per_workflow": 0.05}
_DELAY = 0.2


def measure(rounds: int) -> list[Figure]:
    """Against the local Snowflake, and against one that answers each statement after 200 ms."""
    with LocalSnowflake() as server:
        figures = _statements(server)
        figures += _end_to_end(_Place("the local Snowflake", server.endpoint, "sandbox.snowflake", 400, 40, 5), rounds)
    with Answering(_DELAY) as server_that_answers:
        place = _Place("200 ms an answer", server_that_answers.endpoint, "benchmarks.answering", 200, 6, 15)
        figures += _end_to_end(place, rounds)
    return figures


def _statements(server: LocalSnowflake) -> list[Figure]:
    ours = [figure for layout, bar in _BARS.items() for figure in _statements_of_ours(server, layout, bar)]
    with installation(server.endpoint) as installed:
        dataframe.load(installed, installed.complete(10))
        count, logins = _counted(server, installed.snowflake)
    detail = f"and {logins / 10:.0f} log-in; 10 executions, one after the other"
    today = reported("statements an execution, DataFrame + MERGE", count / 10, "", detail)
    return [*ours, today, *(_statements_of_dlt(server, *sizes) for sizes in ((1, 10), (_COUNTED, 2)))]


def _statements_of_ours(server: LocalSnowflake, layout: str, bar: float) -> list[Figure]:
    """A destination's first executions, and as many more, by a worker process that knows nothing of the first."""
    figures = []
    with installation(server.endpoint, layout=layout) as installed:
        installed.loads_alone()
        for number, which in enumerate(("first", "later")):
            before, logins_before = _counted(server, installed.snowflake)
            installed.complete(_COUNTED)
            work_once(installed, _COUNTED * (number + 1))
            after, logins = _counted(server, installed.snowflake)
            detail = (
                f"{after - before} statements for a destination's {which} {_COUNTED} executions of 100 rows, counted "
                f"at the server; log-ins: {logins - logins_before}"
            )
            name = f"statements an execution, {layout}, {which} {_COUNTED}"
            figures.append(at_most(name, (after - before) / _COUNTED, "", bar, detail))
    return figures


def _statements_of_dlt(server: LocalSnowflake, executions: int, runs: int) -> Figure:
    database = f"DLT_{executions}"
    statements, logins = dlt_pipeline.statements_of_a_run(server, database, executions=executions, runs=runs)
    name = f"statements an execution, dlt, {executions} a run"
    detail = f"{statements:.1f} statements and {logins:.1f} log-ins a run, its tables being there; {runs} runs"
    return reported(name, statements / executions, "", detail)


def _counted(server: LocalSnowflake, database: str) -> tuple[int, int]:
    logins = [login for login in server.logins() if login.database == database]
    return len(server.statements("", database)), len(logins)


@dataclass(frozen=True, slots=True)
class _Place:
    """A Snowflake to load into, and the module that runs it.

    `ours`, `theirs`: executions of a round. `bar`: how many times as fast as the peer a table an execution has to be.
    """

    name: str
    endpoint: str
    module: str
    ours: int
    theirs: int
    bar: float


@dataclass(frozen=True, slots=True)
class _Run:
    """A round of one of the ways."""

    executions: int
    cost: Cost
    server_cpu: float

    @property
    def rate(self) -> float:
        return self.executions / self.cost.seconds


def _end_to_end(place: _Place, rounds: int) -> list[Figure]:
    ways: dict[str, Callable[[], _Run]] = {
        "per_execution": lambda: _ours(place, "per_execution", place.ours),
        # Many executions go at once: with fewer, the worker's start would be most of it.
        "per_workflow": lambda: _ours(place, "per_workflow", 2_000),
        "today": lambda: _today(place),
    }
    runs: dict[str, list[_Run]] = {way: [] for way in ways}
    for number in range(rounds):
        for way in list(ways) if number % 2 == 0 else reversed(ways):
            runs[way].append(ways[way]())
    return [_figure(place, layout, runs[layout], runs["today"]) for layout in ("per_execution", "per_workflow")]


def _ours(place: _Place, layout: str, executions: int) -> _Run:
    with installation(place.endpoint, layout=layout) as installed:
        installed.complete(executions)
        before = cpu_of(place.module)
        cost = work_once(installed, executions)
        return _Run(executions, cost, cpu_of(place.module) - before)


def _today(place: _Place) -> _Run:
    with installation(place.endpoint) as installed:
        execution_ids = installed.complete(place.theirs)
        before = cpu_of(place.module)
        cost = dataframe.load(installed, execution_ids)
        return _Run(place.theirs, cost, cpu_of(place.module) - before)


def _figure(place: _Place, layout: str, ours: Sequence[_Run], theirs: Sequence[_Run]) -> Figure:
    ratio: Ratio = ratio_of_pairs([(run.rate, other.rate) for run, other in zip(ours, theirs, strict=True)])
    detail = (
        f"{ratio.spread}; {ratio.candidate:.1f} against {ratio.control:.1f} executions a second, {ours[0].executions} "
        f"and {theirs[0].executions} a round; processor time an execution: {_cpu(ours)} against {_cpu(theirs)}"
    )
    return at_least(f"end to end, {layout} ÷ DataFrame + MERGE, {place.name}", ratio.median, "times", place.bar, detail)


def _cpu(runs: Sequence[_Run]) -> str:
    def each(seconds: Callable[[_Run], float]) -> str:
        return f"{statistics.median(seconds(run) / run.executions * 1000 for run in runs):.1f}"

    client, postgres = each(lambda run: run.cost.cpu), each(lambda run: run.cost.postgres_cpu)
    return f"{client} ms client, {postgres} ms PostgreSQL, {each(lambda run: run.server_cpu)} ms Snowflake's stand-in"
