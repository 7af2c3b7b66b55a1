"""verify_sync_install tells of rules that are not followed, or cannot be."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.installation.finding import Finding
from sync.installation.rules import rules
from sync.installation.verify import check_installation
from sync.models import SyncRule, SyncRuleVersion
from sync.operations import change_rules
from tests.factories import ConfigurationFactory

RULES: list[dict[str, Any]] = [
    {"name": "Hash", "kind": "column", "action": "hash", "columns": ["email"], "note": "GDPR", "workflow": "a*"},
    {"name": "Off", "kind": "new_columns", "policy": "hold", "enabled": False},
    {"name": "Of", "kind": "rows", "where": {"column": "a", "operator": "between", "value": [1, 2.50]}},
    {"name": "By", "kind": "add", "column": "a", "constant": "x"},
]


def findings() -> list[Finding]:
    return [finding for finding in check_installation() if not finding.ok]


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    made: SnowflakeConfiguration = ConfigurationFactory.create()
    change_rules(made.pk, RULES, author="", expected_version=None)
    return made


def test_rules_of_every_kind_are_as_people_see_them(destination: SnowflakeConfiguration) -> None:
    assert findings() == []
    change_rules(destination.pk, [], author="", expected_version=None)
    assert findings() == []


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"name": "hash"},
        {"position": 9},
        {"note": ""},
        {"workflow": "*"},
        {"settings": {"policy": "drop"}},
        {"kind": "scope"},
    ],
)
def test_what_was_changed_by_sql_is_told_and_mended(
    destination: SnowflakeConfiguration, change: dict[str, object], tmp_path: Path
) -> None:
    ConfigurationFactory.create()
    SyncRule.objects.filter(configuration=destination, position=1).update(**change)
    (finding,) = findings()
    assert (finding.name, str(destination.pk) in finding.detail) == ("rules", True)
    file = tmp_path / "rules.yaml"
    out = io.StringIO()
    call_command("sync_rules", "export", "--configuration", str(destination.pk), stdout=out)
    file.write_text(out.getvalue())
    call_command("sync_rules", "apply", str(file), "--configuration", str(destination.pk), "--yes", stdout=out)
    assert findings() == []
    assert SyncRuleVersion.objects.count() == 1


def test_rows_that_were_added_or_removed_by_sql_are_told(destination: SnowflakeConfiguration) -> None:
    other = ConfigurationFactory.create()
    SyncRule.objects.create(configuration=other, position=1, name="a", kind="scope", settings={"action": "exclude"})
    SyncRule.objects.filter(configuration=destination).delete()
    (finding,) = findings()
    assert str(other.pk) in finding.detail
    assert str(destination.pk) in finding.detail


def test_rules_of_a_later_version_are_told(destination: SnowflakeConfiguration) -> None:
    SyncRuleVersion.objects.create(configuration=destination, version=2, rules=[{"name": "a", "kind": "later"}])
    assert [finding.detail.split(str(destination.pk))[0] for finding in findings()] == [
        "those of ",
        "snowflake_sync_rules says other rules of ",
    ]


def test_a_role_that_may_make_no_temporary_table_is_told_where_rules_hash(destination: SnowflakeConfiguration) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE ROLE no_temporary_tables BYPASSRLS;
            GRANT SELECT ON ALL TABLES IN SCHEMA public TO no_temporary_tables;
            SELECT current_database()
            """
        )
        (database,) = cursor.fetchone()

        def found() -> dict[str, Finding]:
            cursor.execute("SET LOCAL ROLE no_temporary_tables")
            made = {finding.name: finding for finding in rules(cursor)}
            cursor.execute("RESET ROLE")
            return made

        assert found()["temporary tables"].ok
        cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{database}" FROM PUBLIC')
        told = found()["temporary tables"]
        assert not told.ok
        cursor.execute(told.remedy)
        assert found()["temporary tables"].ok
        cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{database}" FROM no_temporary_tables')
        change_rules(destination.pk, RULES[1:], author="", expected_version=None)
        assert [*found()] == ["rules"]
