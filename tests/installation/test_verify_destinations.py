"""verify_sync_install tells of destinations that an earlier service left: secrets in plain text, and twins."""

import pytest

from accounts.models import SnowflakeConfiguration
from sync.installation.finding import Finding
from sync.installation.verify import check_installation
from tests.factories import ConfigurationFactory, UserFactory

pytestmark = pytest.mark.django_db


def failed() -> dict[str, Finding]:
    return {finding.name: finding for finding in check_installation() if not finding.ok}


def test_a_secret_in_plain_text_is_told_but_not_shown() -> None:
    configuration = ConfigurationFactory.create()
    SnowflakeConfiguration.objects.filter(pk=configuration.pk).update(password_encrypted="hunter2 as it was entered")
    (finding,) = failed().values()
    assert finding.name == "secrets in plain text"
    assert str(configuration.pk) in finding.detail
    assert "hunter2" not in finding.detail + finding.remedy
    assert "enter the new ones" in finding.remedy


def test_two_destinations_that_are_one_place_are_told() -> None:
    user = UserFactory.create()
    place = {"account_identifier": "myorg-myaccount", "database": "sales", "schema": "public"}
    first = ConfigurationFactory.create(user=user, **place)
    second = ConfigurationFactory.create(user=user, **place | {"database": "SALES", "schema": "PUBLIC"})
    ConfigurationFactory.create(user=user, **place | {"schema": "other"})
    ConfigurationFactory.create(**place)
    (finding,) = failed().values()
    assert (str(first.pk) in finding.detail, str(second.pk) in finding.detail) == (True, True)
    SnowflakeConfiguration.objects.filter(pk=second.pk).update(is_active=False)
    assert failed() == {}
