"""How long a warehouse was awake, and how long it would have been with windows. Pure; times are seconds since 1970.

docs.snowflake.com/en/user-guide/cost-understanding-compute: by the second, a minute at least each time that it resumes.
"""

from collections.abc import Iterable

# AUTO_SUSPEND as the set-up script has it, which is the least that is billed, too; and how long a window stays open.
SUSPEND = 60.0
WINDOW = 60.0
# An X-Small's; each size more takes twice as many.
CREDITS_AN_HOUR = 1.0

Span = tuple[float, float]


def merged(spans: Iterable[Span], gap: float = 0.0) -> list[Span]:
    """Those that overlap, or are no further apart than `gap`, as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1] + gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def awake(busy: Iterable[Span]) -> list[Span]:
    """From the first statement of a load until it sleeps again."""
    return [(start, end + SUSPEND) for start, end in merged(busy, SUSPEND)]


def waiting(busy: Iterable[Span], interval: float) -> list[Span]:
    """When it would have been busy with a window each `interval`, in which all is loaded that has come by then.

    `busy` counts as one flow of results wherever loads are no further apart than a warehouse sleeps.
    """
    windows: list[Span] = []
    for start, end in merged(busy, SUSPEND):
        came = start
        while True:
            if windows and came < windows[-1][0] + WINDOW:
                opened = windows[-1][0]
                windows[-1] = (opened, max(windows[-1][1], min(end, opened + WINDOW)))
            else:
                opens = max(came, windows[-1][0] + interval) if windows else came
                windows.append((opens, max(opens, min(end, opens + WINDOW))))
            came = windows[-1][0] + WINDOW
            if came >= end:
                break
    return windows


def credits_of(spans: Iterable[Span]) -> float:
    """What an X-Small uses while it is awake."""
    return sum(end - start for start, end in spans) / 3600 * CREDITS_AN_HOUR
