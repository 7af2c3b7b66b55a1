from sync.snowflake.load.columns import AmbiguousError, Names, adopted, columns_of, named, notes
from sync.snowflake.load.leftovers import check_table_name, clear_staged_files, clear_tables, staged_name
from sync.snowflake.load.own_table import load_again, load_first
from sync.snowflake.load.removal import delete_rows, drop_for_good, drop_own, see_that_it_has_gone
from sync.snowflake.load.shared_table import load_shared
from sync.snowflake.load.stage import (
    FileLoad,
    assume_stage,
    copy,
    remove_staged,
    upload,
    upload_together,
    with_staged_file,
)
from sync.snowflake.load.table import is_ours, read_columns
from sync.snowflake.load.transactions import OLDEST_TRANSACTION, current_user, end_transaction, transaction_name

__all__ = [
    "OLDEST_TRANSACTION",
    "AmbiguousError",
    "FileLoad",
    "Names",
    "adopted",
    "assume_stage",
    "check_table_name",
    "clear_staged_files",
    "clear_tables",
    "columns_of",
    "copy",
    "current_user",
    "delete_rows",
    "drop_for_good",
    "drop_own",
    "end_transaction",
    "is_ours",
    "load_again",
    "load_first",
    "load_shared",
    "named",
    "notes",
    "read_columns",
    "remove_staged",
    "see_that_it_has_gone",
    "staged_name",
    "transaction_name",
    "upload",
    "upload_together",
    "with_staged_file",
]
