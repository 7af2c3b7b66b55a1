"""From an execution's JSONB result to a compressed CSV file, without a value parsed in Python.

    with snapshot(connection) as cursor, Spool() as spool, StagedFile(spool.directory) as file:
        shape = shape_of(cursor, examine(cursor, [execution_id])[execution_id], plan)
        file.append(cursor, shape, now, places)
        size = file.finish()

`shape` the columns and what a result is · `inspection` reads that, `scale` what the data decide · `shaping` what rules
make of it: `following` their steps, `steps` these in SQL, `conditions` on rows, `compared` both sides of one, `added`
columns · `rows` takes values out, `values` follows the steps · `form` checks a row, `exact` one value, in SQL · `fast`
checks the lines of a chunk · `projection` the SELECTs · `copying` runs them · `location` names what does not fit,
`encoding` what is no text · `staged_file` the file, `spool` where it lies · `preview` and `sampling` what people see.
"""

from sync.results.inspection import COLUMN_NAMES, COLUMN_TYPES, Examined, examine, shape_of
from sync.results.location import shown
from sync.results.preview import COLUMNS, LONGEST, ROWS, Preview, preview, value_at_fault
from sync.results.sampling import check_encoding, check_rows, counted, first_rows, rows_with
from sync.results.shape import MAX_COLUMNS, Place, ResultColumn, Shape
from sync.results.snapshot import snapshot
from sync.results.spool import Spool, SpoolError
from sync.results.staged_file import StagedFile

__all__ = [
    "COLUMNS",
    "COLUMN_NAMES",
    "COLUMN_TYPES",
    "LONGEST",
    "MAX_COLUMNS",
    "ROWS",
    "Examined",
    "Place",
    "Preview",
    "ResultColumn",
    "Shape",
    "Spool",
    "SpoolError",
    "StagedFile",
    "check_encoding",
    "check_rows",
    "counted",
    "examine",
    "first_rows",
    "preview",
    "rows_with",
    "shape_of",
    "shown",
    "snapshot",
    "value_at_fault",
]
