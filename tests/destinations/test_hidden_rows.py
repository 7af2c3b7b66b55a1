"""A destination is not read by a role from which row-level security may hide what a load goes by."""

from collections.abc import Iterator

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.destinations.connect import destination_of
from sync.errors import SyncError
from tests.factories import ConfigurationFactory

TABLES = ("rule_versions", "known_columns", "tables", "attempts", "removed_items")


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def destination(db: None) -> Iterator[SnowflakeConfiguration]:
    """As it is for a role that is let in as `migrate --worker-role` does it."""
    made = ConfigurationFactory.create()
    run("CREATE ROLE not_the_owner; GRANT SELECT ON ALL TABLES IN SCHEMA public TO not_the_owner")
    for table in (*TABLES, "destination_states"):
        run(f"CREATE POLICY let_in ON snowflake_sync_{table} TO not_the_owner USING (true)")
    run("CREATE POLICY let_in ON snowflake_configurations TO not_the_owner USING (true)")
    yield made
    run("RESET ROLE")


def test_who_is_let_in_reads_it(destination: SnowflakeConfiguration) -> None:
    run("SET LOCAL ROLE not_the_owner")
    assert destination_of(destination.pk).rules_version == 0


@pytest.mark.parametrize(
    "hide",
    [
        "DROP POLICY let_in ON {}",
        "ALTER POLICY let_in ON {} USING (current_user = 'the_owner')",
        "CREATE POLICY none ON {} AS RESTRICTIVE USING (false)",
        "CREATE POLICY none ON {} AS RESTRICTIVE FOR SELECT TO not_the_owner USING (current_user = 'the_owner')",
    ],
)
@pytest.mark.parametrize("table", TABLES)
def test_who_may_not_see_all_does_not(destination: SnowflakeConfiguration, table: str, hide: str) -> None:
    run(hide.format(f"snowflake_sync_{table}"))
    run("SET LOCAL ROLE not_the_owner")
    with pytest.raises(SyncError, match=rf"all rows of snowflake_sync_{table}\.") as raised:
        destination_of(destination.pk)
    assert raised.value.code == "rows_hidden"


@pytest.mark.parametrize(
    "others",
    [
        "CREATE POLICY others ON {} TO pg_monitor USING (false)",
        "CREATE POLICY others ON {} AS RESTRICTIVE TO pg_monitor USING (false)",
        "CREATE POLICY others ON {} FOR DELETE USING (false)",
        "CREATE POLICY others ON {} AS RESTRICTIVE USING (true)",
        "CREATE POLICY others ON {} USING (current_user = 'the_owner')",
    ],
)
def test_policies_that_hide_nothing_from_it_are_none_of_its_business(
    destination: SnowflakeConfiguration, others: str
) -> None:
    run(others.format("snowflake_sync_rule_versions"))
    run("SET LOCAL ROLE not_the_owner")
    assert destination_of(destination.pk).rules_version == 0
