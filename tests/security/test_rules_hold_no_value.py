"""What rules drop, hash, mask or leave out comes into no object of Python's."""

import gc
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from sync.results import StagedFile, copying
from tests.long import first
from tests.security.hiding import needle
from tests.security.test_rules_hide import FAILURES, HIDDEN, complete, rules
from tests.world import World

# A needle has as many characters.
SHORTEST = 32
TEXT, CONTAINER, OTHER = range(3)


def kind_of(type_: type) -> int:
    if issubclass(type_, str | bytes | bytearray):
        return TEXT
    return CONTAINER if issubclass(type_, tuple | dict | frozenset | list) else OTHER


def strings() -> Iterator[str | bytes]:
    """Those that Python's objects hold: what the collector knows, the frames of all threads, and what is in these."""
    frames = [frame for top in sys._current_frames().values() for frame, _ in traceback.walk_stack(top)]
    pending: list[Any] = gc.get_objects() + [dict(frame.f_locals) for frame in frames]
    # By type, since a weak proxy whose object has gone raises where isinstance asks it; and many at a time, since in a
    # whole run there are millions.
    kinds: dict[type, int] = {}
    while pending:
        some = pending[-10_000:]
        del pending[-10_000:]
        for inner in gc.get_referents(*some):
            type_ = type(inner)
            kind = kinds.get(type_)
            if kind is None:
                kind = kinds[type_] = kind_of(type_)
            if kind == OTHER:
                continue
            if kind == CONTAINER:
                if not gc.is_tracked(inner):
                    pending.append(inner)
            elif len(inner) >= SHORTEST:
                yield bytes(inner) if isinstance(inner, bytearray) else inner


def holding(*what: str) -> Iterator[tuple[str, str | bytes]]:
    """The markers that stand in any object, each with what it stands in, apart from the look's own."""
    gc.collect()  # what an earlier look has left
    sought = {name: (needle(name), needle(name).encode()) for name in what}
    ours = {id(form) for forms in sought.values() for form in forms}
    for text in strings():
        if id(text) not in ours:
            for name, forms in sought.items():
                if forms[0] in text if isinstance(text, str) else forms[1] in text:
                    yield name, text


@pytest.mark.parametrize("way", first(1, ["", "a value of another column", "a path that ends early"]))
def test_no_object_holds_it(way: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither while lines are read and checked, nor when that is over."""
    rules(world)
    prepare = FAILURES[way][0] if way else lambda world, _: complete(world)
    prepare(world, monkeypatch)
    found: dict[str, set[str]] = {}
    # Tests that ran before may have left the same markers behind.
    others = [text for _, text in holding(*HIDDEN)]

    def held(*what: str) -> set[str]:
        known = set(map(id, others))
        return {name for name, text in holding(*what) if id(text) not in known}

    append, end_chunk = StagedFile.append, copying._Lines._end_chunk

    def append_and_look(self: StagedFile, *arguments: Any) -> int:
        try:
            return append(self, *arguments)
        finally:
            found["afterwards"] = held("kept", *HIDDEN)

    def look_and_end(self: Any) -> None:
        if self._chunk:
            found["meanwhile"] = held("kept", *HIDDEN)
        end_chunk(self)

    monkeypatch.setattr(StagedFile, "append", append_and_look)
    monkeypatch.setattr(copying._Lines, "_end_chunk", look_and_end)
    world.work(concurrency=1)
    assert found["meanwhile"] == {"kept"}
    assert found["afterwards"] <= {"kept"}
