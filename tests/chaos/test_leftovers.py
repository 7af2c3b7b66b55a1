"""Which sessions count as left behind: those that a worker had in its hands, and not those of which it never heard."""

import random
from contextlib import closing

from tests.chaos.leftovers import leftovers
from tests.chaos.results import result
from tests.chaos.world import World


def test_a_session_of_which_nobody_was_told_is_left_by_a_fault_and_one_that_was_used_is_not(world: World) -> None:
    owner = world.application.add_owner(["per_execution"])
    world.application.complete(owner, result(random.Random(14), 2))
    world.snowflake.inject("login", "drop_after")
    assert world.worker("--once").popen.wait(120) == 0
    (left,) = leftovers(world)
    assert f"of {owner.logins[0]} is left" in left

    world.calm()
    assert leftovers(world) == []
    with closing(world.snowflake.connect(world.application.snowflake_database, user=owner.logins[0])) as kept:
        kept.cursor().execute("SELECT 1")
        (left,) = leftovers(world)
    assert f"of {owner.logins[0]} is left, used" in left
    assert leftovers(world) == []
