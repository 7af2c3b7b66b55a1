"""What a destination without min_interval may cost is said wherever one is made, with figures that are right."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration
from sync.snowflake.setup.script import Setup, setup_script
from tests.factories import UserFactory

INTERVAL_COSTS = str(SnowflakeConfiguration._meta.get_field("min_interval").help_text)
DOCS = Path(__file__).resolve().parents[3] / "docs"
MINUTES = {"0": 0, "5 minutes": 5, "15 minutes": 15, "an hour": 60}


def credits_a_day(minutes: int) -> float:
    """Of a warehouse that uses a credit an hour, and that each window keeps awake for two minutes."""
    return round(24 * min(1, 2 / minutes), 1) if minutes else 24


def test_the_figures_are_right() -> None:
    said = re.findall(
        r"(\d+)(?: credits a day)? (without|with \d+ minutes|with windows of \d+|with an hour)", INTERVAL_COSTS
    )
    assert [int(figure) for figure, _ in said] == [round(credits_a_day(minutes)) for minutes in MINUTES.values()]


def test_the_documentation_s_table_is_right() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| \d* ?\| [\d.]+ h \| ([\d.]+) \|", (DOCS / "how-to/cost.md").read_text(), re.MULTILINE
    )
    assert {name: float(figure) for name, figure in rows} == {n: credits_a_day(m) for n, m in MINUTES.items()}


@pytest.mark.django_db
def test_it_is_said_where_a_destination_is_made(client: Client) -> None:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:accounts_snowflakeconfiguration_add")).content.decode()
    schema = " ".join((DOCS / "openapi.yaml").read_text().split())
    script = setup_script(Setup("u", "r", "w", "d", "s"))
    for face in (page, schema, script):
        assert "24 credits a day" in face
