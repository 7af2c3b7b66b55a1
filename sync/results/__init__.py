"""From an execution's JSONB result to a compressed CSV file, without a value parsed in Python.

    with snapshot(connection) as cursor, Spool() as spool, StagedFile(spool.directory) as file:
        shape = examine(cursor, [execution_id])[execution_id].shape()
        file.append(cursor, shape, now)
        staged = file.finish()

`shape` the columns and what a result is · `inspection` reads that, `scale` what the data decide ·
`rows` takes the values out, a chunk of rows at a time · `form` checks a row, `fast` the values of a
chunk, `exact` one value, in SQL · `projection` the SELECTs · `copying` runs them · `location` names
what does not fit, `encoding` what is no text · `staging` the file, `spool` where it lies ·
`version` which results they were.
"""

from sync.results.at_fault import value_at_fault
from sync.results.inspection import Examined, examine
from sync.results.preview import COLUMNS, LONGEST, ROWS, Preview, preview
from sync.results.shape import Place, ResultColumn, Shape
from sync.results.snapshot import SETTINGS, snapshot
from sync.results.spool import Spool, SpoolError
from sync.results.staging import Staged, StagedFile
from sync.results.version import Version

__all__ = [
    "COLUMNS",
    "LONGEST",
    "ROWS",
    "SETTINGS",
    "Examined",
    "Place",
    "Preview",
    "ResultColumn",
    "Shape",
    "Spool",
    "SpoolError",
    "Staged",
    "StagedFile",
    "Version",
    "examine",
    "preview",
    "snapshot",
    "value_at_fault",
]
