"""A destination without rules pays for none: what a load asks of PostgreSQL and of Snowflake, counted."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from accounts.models import SnowflakeConfiguration
from sync.operations import change_rules
from tests.load.test_first_loads import complete, together
from tests.load.travelling import Travelling

__all__ = ["together"]


@pytest.fixture
def asked(together: Travelling) -> Iterator[list[str]]:
    """What is asked of PostgreSQL from here on, however it is."""
    found: list[str] = []

    class Listening(Cursor):
        def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's name
            found.append(self.mogrify(query, vars).decode())
            return super().execute(query, vars)

        def copy_expert(self, sql: Any, *args: Any, **kwargs: Any) -> None:
            found.append(str(sql))
            return super().copy_expert(sql, *args, **kwargs)

    def listen(**_: object) -> None:
        connection.connection.cursor_factory = Listening

    connection_created.connect(listen)
    yield found
    connection_created.disconnect(listen)


def loaded(together: Travelling, asked: list[str], count: int) -> tuple[int, list[str]]:
    """How often the load of so many executions asks PostgreSQL, and what it sends to Snowflake."""
    complete(together.world, count)
    together.world.snowflake.server.reset_log()
    batch = together.batch()
    asked.clear()
    assert set(batch.attempt()) == {"completed"}
    return len(asked), together.verbs


ABOUT_RULES = ("snowflake_sync_rule", "snowflake_sync_hash", "snowflake_sync_known", "TEMPORARY")


@pytest.mark.parametrize("layout", SnowflakeConfiguration.Layout.values)
def test_the_version_comes_with_the_destination(together: Travelling, asked: list[str], layout: str) -> None:
    SnowflakeConfiguration.objects.update(layout=layout)
    loaded(together, asked, 2)
    without = loaded(together, asked, 3)
    about = [query for query in asked if any(word in query for word in ABOUT_RULES)]
    assert len(about) == 1
    assert 'FROM "snowflake_configurations"' in about[0]

    of_others = {"name": "r", "kind": "column", "action": "hash", "columns": ["*"], "workflow": "another"}
    change_rules(together.world.configuration.pk, [of_others], author="test", expected_version=None)
    loaded(together, asked, 3)
    # Once it is known what the version says.
    assert loaded(together, asked, 3) == without
