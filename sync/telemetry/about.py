"""What the lines logged at this moment are about: said once, around the work, and not in each line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Fact = str | int | list[str]

_facts: ContextVar[Mapping[str, Fact]] = ContextVar("sync_log_facts")


@contextmanager
def about(**more: Fact) -> Iterator[None]:
    """What is logged inside is about this, too. Ids only: never a value of a result, nor a secret."""
    before = _facts.set({**facts(), **more})
    try:
        yield
    finally:
        _facts.reset(before)


def facts() -> Mapping[str, Fact]:
    """What is being worked on now."""
    return _facts.get({})
