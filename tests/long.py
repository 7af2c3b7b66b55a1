"""What is left to `make long`: further cases of what `make test` tries."""

from collections.abc import Iterable
from typing import Any

import pytest

# What is read in the browser without scripts is in all walks, too.
with_and_without_scripts = pytest.mark.parametrize(
    "scripts",
    [pytest.param(True, id="with scripts"), pytest.param(False, id="without scripts", marks=pytest.mark.long)],
)


def first(count: int, values: Iterable[Any]) -> list[Any]:
    """Values to parametrize a test by, of which the first ones alone are tried by `make test`."""
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)), marks=() if place < count else pytest.mark.long
        )
        for place, value in enumerate(values)
    ]
