"""A PostgreSQL and a Snowflake of the chaos tests' own, and a world in them for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.snowflake.client import LocalSnowflake
from tests.chaos.postgres import ROOT, Postgres
from tests.chaos.world import World, new_world


@pytest.fixture(scope="session")
def chaos_postgres() -> Postgres:
    # Restarted under its workers: each process of the tests has one.
    server = Postgres(ROOT / ".sandbox" / f"chaos-postgres{os.environ.get('PYTEST_XDIST_WORKER', '')}")
    server.make_template()
    return server


@pytest.fixture(scope="session")
def chaos_snowflake() -> Iterator[LocalSnowflake]:
    # A killed worker's transaction keeps its locks for five minutes in Snowflake; here for so long.
    with LocalSnowflake(abandoned_after=3) as server:
        yield server


@pytest.fixture
def world(chaos_postgres: Postgres, chaos_snowflake: LocalSnowflake, tmp_path: Path) -> Iterator[World]:
    with new_world(chaos_postgres, chaos_snowflake, tmp_path) as made:
        yield made
