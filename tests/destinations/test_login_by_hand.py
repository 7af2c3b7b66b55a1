"""What a log-in by hand has found out with earlier settings says nothing of the present ones."""

import pytest

from accounts.models import SnowflakeConfiguration
from sync.destinations.logins import login_by_hand
from sync.destinations.not_done import NotNowError
from sync.errors import SyncError, failure
from sync.models import Workflow
from tests.factories import ConfigurationFactory


def refused_after_a_change(configuration: SnowflakeConfiguration) -> None:
    with login_by_hand(configuration, seconds=60):
        SnowflakeConfiguration.objects.update(username="OTHER")
        raise failure("login_refused", "No")


def test_a_refusal_of_earlier_settings_does_not_count_against_the_present_ones(workflow: Workflow) -> None:
    configuration = ConfigurationFactory.create(user=workflow.user)
    with pytest.raises(SyncError):
        refused_after_a_change(configuration)
    assert SnowflakeConfiguration.objects.get().state.check_refusals == 0


def test_what_was_changed_a_moment_ago_is_not_tried_as_it_was(workflow: Workflow) -> None:
    configuration = SnowflakeConfiguration.objects.get(pk=ConfigurationFactory.create(user=workflow.user).pk)
    SnowflakeConfiguration.objects.update(username="OTHER")
    with pytest.raises(NotNowError, match="changed"), login_by_hand(configuration, seconds=60):
        pass
    assert SnowflakeConfiguration.objects.get().state.trial_until is None
