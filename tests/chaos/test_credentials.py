"""Destinations that let nobody in: no account is locked, the items wait, and other destinations are not held up."""

import random

import pytest

from tests.chaos.results import result
from tests.chaos.verdict import judge
from tests.chaos.waiting import until
from tests.chaos.world import World

ITEMS = 1000
LEASE = 18

_BREAKER = "SELECT breaker_state, breaker_code, breaker_reason, breaker_until FROM snowflake_sync_destination_states"
_ITEMS = "SELECT status, retry_count, count(*)::int FROM snowflake_sync_queue GROUP BY status, retry_count"
_STATES = "SELECT status, count(*)::int FROM snowflake_sync_queue GROUP BY status"
_UNROUTED = "SELECT count(*) FROM snowflake_sync_queue WHERE configuration_id IS NULL"
_BEATEN_SINCE = "SELECT count(*) FROM snowflake_sync_workers WHERE heartbeat_at > %s"
_PAUSED = """
SELECT configuration.username, state.breaker_code
FROM snowflake_sync_destination_states AS state
JOIN snowflake_configurations AS configuration ON configuration.id = state.configuration_id
WHERE state.breaker_state = 'open'
"""
_OPEN = """
SELECT count(*) FROM snowflake_sync_queue AS item
JOIN snowflake_sync_destination_states AS state ON state.configuration_id = item.configuration_id
WHERE state.breaker_state = 'closed' AND item.status <> 'completed'
"""
_THE_TIME_OF_THE_NEXT_PROBE = (
    "UPDATE snowflake_sync_destination_states SET breaker_until = now() WHERE breaker_until IS NOT NULL"
)
_ENTER_THE_RIGHT_ONE = """
from accounts.models import SnowflakeConfiguration
configuration = SnowflakeConfiguration.objects.get()
configuration.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, "the-right-one")
configuration.save()
"""


def _every_worker_goes_on(world: World, workers: int) -> None:
    """Each has looked at the queue many times since, and sent a heartbeat."""
    ((now,),) = world.rows("SELECT now()")
    until(lambda: world.rows(_BEATEN_SINCE, (now,))[0][0] == workers, "every worker goes on")


def test_a_wrong_password_is_tried_twice_by_all_workers_together(world: World) -> None:
    chance = random.Random(8)
    owner = world.application.add_owner(["per_workflow"], password="a-wrong-one")
    (login,) = owner.logins
    world.snowflake.require_password(login, "the-right-one")
    for _ in range(ITEMS):
        world.application.complete(owner, result(chance, 1, names=("clicks",)))
    for host in "abc":
        world.worker("--concurrency", "5", lease=LEASE, host=host)

    until(lambda: world.rows(_BREAKER)[0][0] == "open", "the destination is paused")
    ((state, code, reason, probe),) = world.rows(_BREAKER)
    assert (state, code, probe is not None) == ("open", "login_refused", True)
    assert "Incorrect username or password" in reason
    _every_worker_goes_on(world, 3)
    assert len(world.snowflake.logins()) == 1

    world.tell(_THE_TIME_OF_THE_NEXT_PROBE)
    until(lambda: world.rows(_BREAKER)[0][3] is None, "the second try was the last")
    _every_worker_goes_on(world, 3)
    until(lambda: not world.rows(_UNROUTED)[0][0], "all are routed")
    assert [found.error_code for found in world.snowflake.logins()] == ["390100"] * 2
    assert world.rows(_ITEMS) == [("pending", 0, ITEMS)]

    world.manage("shell", "-v", "0", "-c", _ENTER_THE_RIGHT_ONE)
    world.settle()
    # Some may have been tried twice: such a lease leaves a statement four seconds.
    assert world.rows(_STATES) == [("completed", ITEMS)]
    assert world.rows(_BREAKER) == [("closed", None, None, None)]
    world.finish()
    judge(world, used_up_share=0)


@pytest.mark.long
def test_what_is_missing_pauses_one_destination_and_no_other(world: World) -> None:
    chance = random.Random(9)
    owner = world.application.add_owner(["per_execution", "per_workflow"] * 3)
    refusals = (
        ("^CREATE TABLE", "003001", "42501", "privilege_missing"),
        ("^COPY", "000606", "57P03", "warehouse_missing"),
        ("login", "390318", "", "token_expired"),
        ("login", "390100", "", "login_refused"),
    )
    for login, (match, code, sqlstate, _) in zip(owner.logins, refusals, strict=False):
        world.snowflake.inject(match, "error", user=login, code=code, sqlstate=sqlstate, message="No.", times=None)
    for number in range(5):
        world.application.complete(owner, result(chance, number))
    world.worker()
    paused = {login: refusal[3] for login, refusal in zip(owner.logins, refusals, strict=False)}
    until(lambda: dict(world.rows(_PAUSED)) == paused, "four destinations are paused")
    until(lambda: not world.rows(_OPEN)[0][0], "the others have everything")

    world.snowflake.clear_faults()
    world.tell(_THE_TIME_OF_THE_NEXT_PROBE)
    world.settle()
    assert world.rows(_ITEMS) == [("completed", 0, 30)]
    world.finish()
    judge(world, used_up_share=0)
