from sync.snowflake.load.columns import AmbiguousError, Names, adopted, columns_of, named, notes
from sync.snowflake.load.fitting import holds, widened
from sync.snowflake.load.leftovers import staged_name, sweep_checks, sweep_stage
from sync.snowflake.load.own_table import load_again, load_first
from sync.snowflake.load.shared_table import load_shared, look_at_columns
from sync.snowflake.load.stage import Load, assume_stage, copy, upload

__all__ = [
    "AmbiguousError",
    "Load",
    "Names",
    "adopted",
    "assume_stage",
    "columns_of",
    "copy",
    "holds",
    "load_again",
    "load_first",
    "load_shared",
    "look_at_columns",
    "named",
    "notes",
    "staged_name",
    "sweep_checks",
    "sweep_stage",
    "upload",
    "widened",
]
