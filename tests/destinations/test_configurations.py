"""What is refused of a destination's settings, whoever asks."""

from typing import Any

import pytest

from accounts.models import User
from sync.destinations import FieldError, Secret, change_configuration, create_configuration
from tests.factories import ConfigurationFactory

FIELDS: dict[str, Any] = {
    "account_identifier": "acme-main",
    "warehouse": "loading",
    "database": "analytics",
    "schema": "public",
    "username": "sync_user",
    "auth_method": "password",
}
SECRET = Secret("password", "a password")


@pytest.mark.parametrize("name", ["warehouse", "database", "schema", "username"])
@pytest.mark.parametrize("empty", ["", "  ", None])
def test_a_name_that_is_needed_is_asked_for(user: User, name: str, empty: str | None) -> None:
    there = ConfigurationFactory.create(user=user)
    with pytest.raises(FieldError, match=f"Enter the {name} as Snowflake shows it") as created:
        create_configuration(user.pk, FIELDS | {name: empty}, SECRET)
    with pytest.raises(FieldError) as changed:
        change_configuration(there.pk, {name: empty}, None)
    assert (created.value.field, changed.value.field) == (name, name)


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_without_a_role_it_is_the_users_default_one(user: User, empty: str | None) -> None:
    assert create_configuration(user.pk, FIELDS | {"role": empty}, SECRET).role is None


@pytest.mark.parametrize("fields", [{"time_travel_days": 2}, {"is_transient": True}])
def test_a_transient_table_has_a_day_of_time_travel_at_most(user: User, fields: dict[str, Any]) -> None:
    before = {
        "is_transient": "time_travel_days" in fields,
        "time_travel_days": None if "time_travel_days" in fields else 2,
    }
    there = ConfigurationFactory.create(user=user, **before)
    with pytest.raises(FieldError, match="0 or 1 day") as changed:
        change_configuration(there.pk, fields, None)
    assert changed.value.field == "time_travel_days"
    assert change_configuration(there.pk, {"is_transient": True, "time_travel_days": 1}, None).is_transient
