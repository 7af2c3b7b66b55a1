"""What may happen, each with a weight: hypothesis itself leaves out half of a machine's rules in each example, and
what takes many steps to come about would hardly ever happen."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from hypothesis import strategies as st

Method = TypeVar("Method", bound=Callable[..., None])
Strategy = st.SearchStrategy[Any]


@dataclass(frozen=True)
class Event:
    """A call of one of the machine's methods."""

    name: str
    arguments: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"


def event(weight: int, **arguments: Strategy) -> Callable[[Method], Method]:
    """The method is called so much more often than one of weight 1, with arguments from these strategies."""

    def mark(method: Method) -> Method:
        method.__dict__["event"] = (weight, arguments)
        return method

    return mark


def events_of(machine: type) -> Strategy:
    """All events of a machine."""
    marked = {name: getattr(machine, name).event for name in dir(machine) if hasattr(getattr(machine, name), "event")}
    names = [name for name, (weight, _) in marked.items() for _ in range(weight)]
    strategies = {
        name: st.fixed_dictionaries(arguments).map(partial(Event, name)) for name, (_, arguments) in marked.items()
    }
    return st.sampled_from(names).flatmap(strategies.__getitem__)
