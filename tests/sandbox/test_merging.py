"""MERGE with rows that are bound: what a catalogue is written by."""

import json

from tests.conftest import Snowflake

MERGE = """
MERGE INTO t AS target
USING (SELECT value:"K"::VARCHAR AS k, value:"V" AS v FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))) AS source
ON target.k = source.k
WHEN MATCHED THEN UPDATE SET v = source.v
WHEN NOT MATCHED THEN INSERT (k, v) VALUES (source.k, source.v)
"""


def test_a_merge_takes_its_rows_from_a_bound_document(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(paramstyle="qmark").cursor()
    cursor.execute("CREATE TABLE t (k VARCHAR, v VARIANT)")
    for value, counts in (([1], (2, 0)), ({"it's": '"?"'}, (0, 2))):
        rows = json.dumps([{"K": "a?", "V": value}, {"K": "b"}])
        assert cursor.execute(MERGE, (rows,)).fetchall() == [counts]
    found = snowflake.rows("SELECT k, v FROM t ORDER BY k")
    assert [(key, value and json.loads(value)) for key, value in found] == [("a?", {"it's": '"?"'}), ("b", None)]
