"""What validation says of a rule."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["error", "warning", "information"]

# Names of columns in a sentence, and characters of one.
_FEW, _SHOWN = 5, 60


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A sentence on a rule, by its name, that ends in what to do; a rule of "" is all of them.

    error: results that came lately would not be loaded. warning: it does not do what one would think. information: to
    be known, and nothing is wrong.
    """

    rule: str
    level: Level
    said: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def listed(names: Collection[str], kind: str = "column") -> str:
    """`column "a"`, `columns "a", "b" and 7 more`."""
    first = sorted(names)[:_FEW]
    shown = ", ".join(f'"{name[:_SHOWN]}{"…" * (len(name) > _SHOWN)}"' for name in first)
    more = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return f"{kind}{'s' * (len(names) != 1)} {shown}{more}"
