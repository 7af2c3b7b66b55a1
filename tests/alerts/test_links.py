"""Each alert leads to a page that is there, for whoever is told of it."""

from datetime import timedelta

from django.test import Client

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAlert, SyncQueueItem, SyncWorker
from tests.alerts.conftest import Told
from tests.factories import UserFactory


def test_each_alert_leads_to_a_page(told: Told, client: Client) -> None:
    told.fail(25)
    told.fail(code="new_column_held")
    told.fail(code="")
    SyncWorker.objects.update(held_back="No space left on device")
    SnowflakeConfiguration.objects.update(secret_ends_on=told.now.date(), freshness_minutes=1)
    told.fail(code="late")
    SyncQueueItem.objects.filter(error_code="late").update(
        status="pending", error_code=None, run_after=told.now - timedelta(hours=1)
    )
    told.look()
    SnowflakeConfiguration.objects.update(freshness_minutes=None)
    told.pause()
    told.look()
    found = list(SyncAlert.objects.all())
    assert len({alert.kind for alert in found}) == 8
    staff = UserFactory.create(is_staff=True, is_superuser=True)
    for user, seen in ((told.user, [alert for alert in found if alert.user_id]), (staff, found)):
        client.force_login(user)
        answers = {alert.facts["path"]: client.get(alert.facts["path"]) for alert in seen}
        assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    (failed,) = (answer for path, answer in answers.items() if "error_code=value_does_not_fit" in path)
    assert "Campaign report" in failed.content.decode()
