"""Groups of failures, and mutes of them, by programs."""

from sync.models import SyncActivity, SyncMute
from tests.web.admin.conftest import operator
from tests.web.api.callers import problem
from tests.web.api.conftest import Owned, caller_of
from tests.web.api.endpoints import group_of


def test_a_group_is_muted_by_whose_it_is_or_staff_with_the_permission(ada: Owned, bob: Owned) -> None:
    others = bob.caller.post("errors/mute", {**group_of(ada), "until": None})
    assert (others.status_code, SyncMute.objects.count()) == (404, 0)
    clerk = operator("view_syncqueueitem", email="clerk@example.com", password="a password of a clerk")
    refused = caller_of(clerk).post("errors/mute", {**group_of(ada), "until": None})
    assert (refused.status_code, SyncMute.objects.count()) == (403, 0)
    assert ada.caller.post("errors/mute", {**group_of(ada), "until": None}).json()["by"] == ada.user.email
    (group,) = ada.caller.get("errors").json()["groups"]
    assert (group["count"], group["mute"]["until"]) == (1, None)
    assert SyncActivity.objects.filter(action="error_muted").get().face == "api"
    assert ada.caller.post("errors/unmute", group_of(ada)).json() == {"was_muted": True}
    over = {**group_of(ada), "until": "2001-01-01T00:00:00Z"}
    assert problem(ada.caller.post("errors/mute", over))["code"] == "bad_mute"
