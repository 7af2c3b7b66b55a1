"""Putting a mend in the place of a function of fakesnow's."""

import importlib
from typing import Any


def patch(where: str, name: str, replacement: Any) -> None:
    """Replace `name` in a module, or in a class written "module:Class"; it must be there."""
    module, _, inner = where.partition(":")
    target: Any = importlib.import_module(module)
    target = getattr(target, inner) if inner else target
    if not hasattr(target, name):
        raise AttributeError(f"{where} has no {name}: the mends are for fakesnow 0.12.1")
    setattr(target, name, replacement)
