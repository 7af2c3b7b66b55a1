"""An application's own database with the project installed, and the project's commands as processes on it."""

import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from accounts.models import DestinationState, SnowflakeConfiguration
from tests.conftest import Snowflake
from tests.factories import ConfigurationFactory
from tests.installation.databases import NewDatabase
from tests.installation.server import Database, Row
from tests.processes import killed_at_the_end

_MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@dataclass
class Installation:
    """The database, and a Snowflake database that its destinations lead to; `more` is the processes' environment."""

    database: Database
    snowflake: Snowflake
    more: dict[str, str] = field(default_factory=dict)

    def rows(self, sql: str) -> list[Row]:
        return self.database.rows(sql)

    def destination(self, user_id: str, **fields: Any) -> SnowflakeConfiguration:
        """A destination of a user who is there."""
        with self.database.as_django_database() as alias:
            configuration = ConfigurationFactory.build(
                user=None, user_id=uuid.UUID(user_id), database=self.snowflake.database, **fields
            )
            configuration.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, "not-a-real-password")
            configuration.save(using=alias)
            DestinationState.objects.using(alias).filter(pk=configuration.pk).update(last_login_at=Now())
        return configuration

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Starts `manage.py` with these arguments."""
        own = {"SNOWFLAKE_ENDPOINT": self.snowflake.endpoint, "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen(
            [sys.executable, str(_MANAGE), *arguments],
            env=self.database.environment(self.database.owner) | own | self.more | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def manage(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Runs it: how it exited, and what it said."""
        with killed_at_the_end(self.start(*arguments, **environment)) as process:
            said, _ = process.communicate(timeout=120)
            return process.returncode, said


@pytest.fixture
def install(new_database: NewDatabase, snowflake: Snowflake) -> Callable[[str], Installation]:
    """Installs the project onto an application, given as SQL."""

    def make(application: str = "") -> Installation:
        return Installation(new_database(application, installed=True), snowflake)

    return make
