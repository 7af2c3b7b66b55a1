"""What all benchmarks share: figures, pairs that are measured side by side, and how they are written down."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# Peers have a virtual environment of their own: one of them brings psycopg 3, which Django would take instead of the
# product's driver.
PEERS_PYTHON = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `bar` and `met` are None where it is only reported; `detail` says how it came about."""

    name: str
    value: float | None
    unit: str
    bar: float | None
    met: bool | None
    detail: str


def at_least(name: str, value: float, unit: str, bar: float, detail: str) -> Figure:
    """A figure whose bar is a lower one."""
    return Figure(name, value, unit, bar, value >= bar, detail)


def at_most(name: str, value: float, unit: str, bar: float, detail: str) -> Figure:
    """A figure whose bar is an upper one."""
    return Figure(name, value, unit, bar, value <= bar, detail)


def reported(name: str, value: float, unit: str, detail: str) -> Figure:
    """A figure without a bar."""
    return Figure(name, value, unit, None, None, detail)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Candidate ÷ control of interleaved rounds: the median of the rounds' ratios, and their spread."""

    median: float
    low: float
    high: float
    candidates: tuple[float, ...]
    controls: tuple[float, ...]

    @property
    def candidate(self) -> float:
        """The candidate's median."""
        return statistics.median(self.candidates)

    @property
    def control(self) -> float:
        """The control's median."""
        return statistics.median(self.controls)

    @property
    def spread(self) -> str:
        """For a figure's `detail`."""
        return f"{self.low:.2f} to {self.high:.2f} in {len(self.candidates)} rounds"


def ratio_of(candidate: Callable[[], float], control: Callable[[], float], rounds: int = 5) -> Ratio:
    """Measures both in each round, now the one first and now the other: a machine that slows down slows both."""
    pairs = [_pair(candidate, control, candidate_first=number % 2 == 0) for number in range(rounds)]
    return ratio_of_pairs(pairs)


def ratio_of_pairs(pairs: Sequence[tuple[float, float]]) -> Ratio:
    """The same from (candidate, control) that were measured elsewhere."""
    ratios = [candidate / control for candidate, control in pairs]
    candidates, controls = zip(*pairs, strict=True)
    return Ratio(statistics.median(ratios), min(ratios), max(ratios), candidates, controls)


def _pair(
    candidate: Callable[[], float], control: Callable[[], float], *, candidate_first: bool
) -> tuple[float, float]:
    if candidate_first:
        measured = candidate()
        return measured, control()
    controlled = control()
    return candidate(), controlled


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """A list of {name, value, unit, bar, met, detail}."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2, ensure_ascii=False) + "\n")


def table(figures: Sequence[Figure]) -> str:
    """For people: a line a figure, its detail below."""
    lines = [("", "figure", "value", "bar")]
    lines += [(_mark(f), f.name, _value(f), _bar(f)) for f in figures]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    details = ["", *(f"{' ' * widths[0]}    {figure.detail}" for figure in figures)]
    rule = "-" * max(map(len, texts))
    body = [
        part for text, detail in zip(texts[1:], details[1:], strict=True) for part in (text, detail) if part.strip()
    ]
    return "\n".join([texts[0], rule, *body])


def _mark(figure: Figure) -> str:
    return {True: "met", False: "MISSED", None: ""}[figure.met]


def _value(figure: Figure) -> str:
    return "failed" if figure.value is None else f"{_number(figure.value)} {figure.unit}".rstrip()


def _bar(figure: Figure) -> str:
    if figure.bar is None or figure.value is None:
        return ""
    # Whether it is an upper or a lower one shows in what became of it.
    is_lower = figure.met == (figure.value >= figure.bar)
    return f"{'≥' if is_lower else '≤'} {_number(figure.bar)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
