"""The transaction that results are read in."""

import hmac

import psycopg2
import pytest

from sync.errors import PermanentError
from sync.results import snapshot
from tests.results.conftest import Executions, inspect

COLUMN = [{"name": "a", "type": "int"}]
ODD = (
    "SET datestyle = 'SQL, DMY'; SET extra_float_digits = -15; SET timezone = 'Asia/Tokyo'; "
    "SET standard_conforming_strings = off"
)
BACK = "RESET datestyle; RESET extra_float_digits; RESET timezone; RESET standard_conforming_strings"


def test_sees_one_moment(executions: Executions) -> None:
    executions.store(COLUMN, [[1]])
    other = psycopg2.connect(**executions.connection.get_connection_params())
    with snapshot(executions.connection) as cursor, other.cursor() as writer:
        before = inspect(cursor, "e")
        writer.execute("DELETE FROM results_test.workflow_executions")
        other.commit()
        assert inspect(cursor, "e") == before
    other.close()
    with pytest.raises(PermanentError, match="not found"):
        executions.inspect()


def test_changes_nothing(executions: Executions) -> None:
    with snapshot(executions.connection) as cursor, pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        cursor.execute("DELETE FROM workflow_executions")


def test_settings_end_with_it(executions: Executions) -> None:
    def settings() -> list[str]:
        names = "jit enable_memoize extra_float_digits max_parallel_workers_per_gather transaction_isolation"
        return [executions.execute(f"SHOW {name}")[0][0] for name in names.split()]

    executions.execute(ODD)
    before = settings()
    with snapshot(executions.connection):
        assert settings() == ["off", "off", "1", "0", "repeatable read"]
    assert settings() == before
    executions.execute(BACK)


@pytest.mark.usefixtures("path")
def test_result_does_not_depend_on_settings(executions: Executions) -> None:
    columns = [{"name": n, "type": n} for n in ("float", "date", "timestamp", "timestamptz")]
    values = [[0.1234567890123456, "2024-01-02", "2024-01-02T03:04:05", "2024-01-02T03:04:05Z"]]
    before = executions.carry(columns, values)
    executions.execute(ODD)
    assert executions.carry(columns, values) == before
    executions.execute(BACK)


KEY = bytes(range(32))
_HMAC = """
SELECT encode(sha256(decode(outer_pad, 'hex') || sha256(decode(inner_pad, 'hex') || convert_to(%s, 'UTF8'))), 'hex')
FROM pg_temp.snowflake_sync_hash_pads
"""


def test_a_key_is_lent_to_the_transaction(executions: Executions) -> None:
    executions.store(COLUMN, [[1]])
    for _ in range(2):
        with snapshot(executions.connection, KEY) as cursor:
            cursor.execute(_HMAC, ["größe"])
            assert cursor.fetchone() == (hmac.digest(KEY, "größe".encode(), "sha256").hex(),)
            cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'snowflake_sync_hash_pads%'")
            assert cursor.fetchone() == (1,)
            assert inspect(cursor, "e").rows == 1
            with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
                cursor.execute("DELETE FROM workflow_executions")
    assert executions.execute("SELECT FROM pg_class WHERE relname LIKE 'snowflake_sync_hash_pads%%'") == []


def test_a_key_has_32_bytes(executions: Executions) -> None:
    with pytest.raises(ValueError, match="32 bytes"), snapshot(executions.connection, KEY[:31]):
        pass
