"""What needs a Snowflake to be done, and what workers do by themselves."""

from sync import destinations
from sync.activity import Action, acting
from sync.models import SyncActivity
from tests.destinations.test_key_rotation import keyed
from tests.load.test_whose_fault import refuse, try_again
from tests.world import World

__all__ = ["keyed"]
CLICKS = [("clicks", "integer")]


def told() -> list[tuple[str, str, str, str]]:
    return list(SyncActivity.objects.order_by("id").values_list("face", "user_name", "action", "note"))


def test_a_check_and_a_new_key_are_written_down(keyed: World) -> None:
    with acting("admin", keyed.user):
        assert destinations.check_configuration(keyed.configuration.pk).checked.passed
        keyed.snowflake.rows(destinations.begin_rotation(keyed.configuration.pk).statement)
        destinations.begin_rotation(keyed.configuration.pk)
        destinations.activate_rotation(keyed.configuration.pk)
    assert told() == [
        ("admin", keyed.user.email, Action.DESTINATION_CHECKED, "passed"),
        ("admin", keyed.user.email, Action.KEY_PREPARED, ""),
        ("admin", keyed.user.email, Action.KEY_ROTATED, ""),
    ]
    entry = SyncActivity.objects.latest("id")
    assert [(change["field"], change["from"]) for change in entry.changes if change["field"] == "private_key_slot"]
    assert "PRIVATE KEY" not in str(list(SyncActivity.objects.values()))


def test_a_worker_pauses_and_resumes_once(world: World) -> None:
    """However often it fails meanwhile."""
    for n in range(3):
        world.complete(CLICKS, [[n]])
    refuse(world, "COPY", "000606", "57P03", "Warehouse 'W' is suspended.")
    for _ in range(3):
        try_again(world)
    world.snowflake.server.clear_faults()
    try_again(world)
    (*paused, note), resumed = told()
    assert paused == ["worker", "", Action.DESTINATION_PAUSED]
    assert "is suspended" in note
    assert resumed == ("worker", "", Action.DESTINATION_RESUMED, "")
    assert set(SyncActivity.objects.values_list("owner_id", flat=True)) == {world.user.pk}
