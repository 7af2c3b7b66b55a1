"""What the API has of alerts answers as its schema says."""

import pytest
from pytest_django import Settings

from accounts.models import User
from sync.operations import make_channel
from tests.web.api.conforming import ask_anything, operations
from tests.web.api.conftest import Caller, Owned, caller_of


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", operations("/api/snowflake/alert"), ids=" ".join)
def test_no_answer_is_a_5xx_or_undocumented(ada: Owned, settings: Settings, operation: tuple[str, str]) -> None:
    staff = caller_of(User.objects.create_superuser("staff@example.com"))
    channel, _ = make_channel(ada.user, "email", {"to": "ada@example.com"}, name="mail")
    known = {"channel_id": str(channel.pk)}
    seen = ask_anything(settings, operation, known, (staff, ada.caller, Caller(), ada.caller), examples=20)
    assert seen[401]
    assert seen.keys() & {200, 201, 204, 400, 409}
