"""`python -m benchmarks [name …] [--rounds N] [--quick]`: runs them, prints one table, writes build/bench.json."""

import argparse
import importlib
import signal
import sys
import time
import traceback
from pathlib import Path

from benchmarks.common import Figure, table, write_json

NAMES = (
    "queue",
    "claim",
    "application",
    "results",
    "rules",
    "memory",
    "loading",
    "warehouse",
    "latency",
    "scaling",
    "idle",
    "api",
    "console",
)
# Named only: half an hour, and tens of gigabytes.
LONG = ("scale",)
RESULT = Path(__file__).resolve().parents[1] / "build" / "bench.json"


def main() -> int:
    """0 where every bar was met; 1 otherwise."""
    # As Ctrl-C does: what was started is stopped and removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = _options()
    figures: list[Figure] = []
    for name in options.names or NAMES:
        figures += _measure(name, 1 if options.quick else options.rounds)
        # After each one: what was measured stays when a later one is broken off.
        write_json(figures, RESULT)
    print(table(figures))
    return int(any(figure.met is False for figure in figures))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures against peers and controls.")
    parser.add_argument(
        "names", nargs="*", choices=[*NAMES, *LONG, []], metavar="name", help=", ".join((*NAMES, *LONG))
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds a figure; default: 5")
    parser.add_argument("--quick", action="store_true", help="one round: whether it works, not how fast")
    return parser.parse_args()


def _measure(name: str, rounds: int) -> list[Figure]:
    """A module's figures; one that fails is reported as such, and the others go on."""
    print(f"{name} …", file=sys.stderr, flush=True)
    started = time.monotonic()
    try:
        figures: list[Figure] = importlib.import_module(f"benchmarks.{name}").measure(rounds)
    except Exception as error:  # noqa: BLE001
        traceback.print_exc()
        figures = [Figure(name, None, "", None, False, f"{type(error).__name__}: {error}"[:500])]  # noqa: FBT003
    print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
