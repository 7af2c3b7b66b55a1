"""The server that the tests run on, for all of them, and databases on it that last as long as a test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.installation.server import Database, Server, running_server

NewDatabase = Callable[..., Database]


@pytest.fixture(scope="session")
def server(django_db_blocker: Any) -> Iterator[Server]:
    with django_db_blocker.unblock(), running_server() as running:
        yield running


@pytest.fixture
def new_database(server: Server, django_db_blocker: Any) -> Iterator[NewDatabase]:
    """Makes a database from the SQL of an application, or an empty one; `installed`: with our migrations."""
    made: list[Database] = []

    def make(application: str = "", *, installed: bool = False) -> Database:
        made.append(server.installed(application) if installed else server.new(application))
        return made[-1]

    with django_db_blocker.unblock():
        yield make
    for database in made:
        server.drop(database)
