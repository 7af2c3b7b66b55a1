"""From an execution's JSONB result to a compressed CSV file, without a value parsed in Python.

    with snapshot(connection) as cursor, StagedFile() as file:
        shape = inspect(cursor, execution_id)
        file.append(cursor, shape, now)
        staged = file.finish()

`shape` the columns and what a result is · `inspection` reads that · `fast`, `exact` the projection
of a column in SQL · `projection` the SELECTs · `copying` runs them · `location` names what does not
fit · `staging` the file.
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
