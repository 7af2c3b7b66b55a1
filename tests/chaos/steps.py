"""The steps of a load in Snowflake, and holding a worker at one of them: before or after it took effect, or in vain."""

from dataclasses import dataclass

from sandbox.snowflake.faults import Action
from tests.chaos.application import Owner
from tests.chaos.length import LONG
from tests.chaos.waiting import until
from tests.chaos.world import World

# `lost` never took effect; `late` takes effect once the worker is gone; `done` did, and the answer is on its way.
WAYS: dict[str, Action] = {"lost": "drop_before", "late": "delay", "done": "delay_after"}
# What is lost by then is like what was never sent: a kill there is tried where there is time.
OF_A_KILL = ("late", "done")

FIRST = {"login": "login", "stage": "^CREATE STAGE", "create": "^CREATE TABLE", "put": "^PUT", "copy": "^COPY"}
AGAIN = {
    "aside": "^CREATE TEMPORARY",
    "put": "^PUT",
    "copy": "^COPY",
    "overwrite": "^INSERT OVERWRITE",
    "drop": "^DROP",
}
SHARED = {"put": "^PUT", "begin": "^BEGIN", "delete": "^DELETE", "copy": "^COPY", "commit": "^COMMIT"}

# Of what the rules exclude: of an own table, of one that was dropped by hand, of a shared one.
OUT = {"look": "^SHOW TABLES .* LIMIT 10$", "drop": "^DROP"}
OUT_GONE = {"make": "^CREATE TABLE", "drop": "^DROP"}
OUT_SHARED = {"delete": "^DELETE"}

# Of loads in a named transaction.
FENCED = {"begin": "^BEGIN NAME", "delete": "^DELETE", "copy": "^COPY", "commit": "^COMMIT"}


@dataclass(frozen=True)
class Step:
    """A statement of one owner's load, and how it goes wrong."""

    name: str
    match: str
    way: str
    owner: Owner


def steps_of_a_kill(world: World, layout: str, matches: dict[str, str]) -> list[Step]:
    """An owner for each step, and for each way that it goes wrong; where time is short, for one way in turn."""
    return [
        Step(f"{layout} {name} {way}", match, way, world.application.add_owner([layout]))
        for place, (name, match) in enumerate(matches.items())
        for way in (WAYS if LONG else (OF_A_KILL[place % 2],))
    ]


def hold(world: World, steps: list[Step]) -> None:
    """From now on each owner's load stops at its step, for as long as the faults stay."""
    for step in steps:
        (login,) = step.owner.logins
        world.snowflake.inject(step.match, WAYS[step.way], user=login, seconds=600, times=None)


def wait_until_held(world: World, steps: list[Step], seconds: float = 60) -> None:
    """Every owner's load has come to its step."""
    wanted = {login for step in steps for login in step.owner.logins}

    def held() -> bool:
        return {strike.user for strike in world.strikes()} >= wanted

    until(held, "every load has come to its step", seconds)
