"""The environment that the tests run in."""

import os
from pathlib import Path

from sandbox.postgres import FAST_AND_UNSAFE, embedded_postgres

_DATA = Path(__file__).resolve().parents[1] / ".sandbox" / "test-postgres"


def prepare() -> None:
    """Development settings and the embedded PostgreSQL, where DATABASE_URL names none; TEST_POSTGRES_VERSION may be 16.

    What the tests start reads the project's own settings, from these variables.
    """
    os.environ["DEBUG"] = "true"
    os.environ.pop("SNOWFLAKE_ENDPOINT", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if not os.environ.get("DATABASE_URL"):
        version = int(os.environ.get("TEST_POSTGRES_VERSION", "18"))
        os.environ["DATABASE_URL"] = embedded_postgres(_DATA, version, FAST_AND_UNSAFE).url
