"""From an execution's JSONB result to a compressed CSV file, without a value parsed in Python.

    with snapshot(connection) as cursor, StagedFile() as file:
        shape = inspect(cursor, execution_id)
        file.append(cursor, shape, now)
        staged = file.finish()

`shape` the columns and what a result is · `inspection` reads that, `scale` what the data decide ·
`rows` takes the values out · `form` checks a row, `fast` and `exact` a value, in SQL ·
`projection` the SELECTs · `copying` runs them · `location` names what does not fit ·
`staging` the file · `version` which results they were.
"""

from sync.results.inspection import inspect
from sync.results.shape import ResultColumn, Shape
from sync.results.snapshot import snapshot
from sync.results.staging import Staged, StagedFile

__all__ = [
    "ResultColumn",
    "Shape",
    "Staged",
    "StagedFile",
    "inspect",
    "snapshot",
]
