"""The environment of the tests themselves."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tests.conftest import Snowflake


@pytest.mark.django_db
def test_the_database_is_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        assert cursor.fetchone()[0].startswith("PostgreSQL ")


def test_the_settings_are_those_of_development() -> None:
    assert settings.SNOWFLAKE_ENDPOINT == ""
    assert apps.is_installed("sandbox")


def test_each_test_has_a_database_and_a_log_of_its_own(snowflake: Snowflake) -> None:
    snowflake.connect().cursor().execute("CREATE TABLE t (a INT)")

    assert snowflake.rows("SELECT table_name FROM information_schema.tables") == [("T",)]
    assert [s.sql for s in snowflake.statements()] == ["CREATE TABLE t (a INT)"]
