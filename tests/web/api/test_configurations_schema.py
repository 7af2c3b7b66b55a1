"""The configurations' part of the API answers as its schema says; log-ins go to the local Snowflake."""

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from sync.models import SyncFinding
from sync.operations import change_rules
from tests.web.api.conforming import ask_anything, operations
from tests.web.api.conftest import Caller, caller_of
from tests.world import World


@pytest.mark.parametrize("operation", operations("/api/snowflake/configurations"), ids=" ".join)
def test_no_answer_is_a_5xx_or_undocumented(world: World, settings: Settings, operation: tuple[str, str]) -> None:
    own, staff = caller_of(world.user), caller_of(User.objects.create_superuser("staff@example.com"))
    rule = {"name": "first", "kind": "column", "action": "hash", "columns": ["email"]}
    change_rules(world.configuration.pk, [rule], author="ada@example.com", expected_version=0)
    made = {"kind": "missing", "database_name": "D", "schema_name": "PUBLIC", "table_name": "T"}
    seen_at = dict.fromkeys(("first_seen_at", "last_seen_at"), timezone.now())
    finding = SyncFinding.objects.create(configuration=world.configuration, **made, **seen_at)
    known = {"id": str(world.configuration.pk), "name": "first", "version": "1", "finding_id": str(finding.pk)}
    seen = ask_anything(settings, operation, known, (own, staff, own, Caller()), examples=25)
    # What is refused for want of a token, and what is understood, or nothing was tried.
    assert seen[401]
    assert seen.keys() & {200, 201, 204, 400, 409}
