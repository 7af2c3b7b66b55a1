"""What is kept beside the results: the statements for it, run in their order, and what their answers mean."""

from sync.snowflake.warehouse.catalogue import Catalogue, mended
from sync.snowflake.warehouse.listing import Mark, Shown, columns_in, has_role, marked_in, tables_in, views_in
from sync.snowflake.warehouse.metering import read_credits, used_credits
from sync.snowflake.warehouse.rows import ComparedRows, compare_rows
from sync.snowflake.warehouse.view_statements import (
    LONGEST_VIEW,
    Chosen,
    ViewColumn,
    say_left_out,
    say_removed,
    select,
    union,
)
from sync.snowflake.warehouse.views import View, change_view, make_view, ours

__all__ = [
    "LONGEST_VIEW",
    "Catalogue",
    "Chosen",
    "ComparedRows",
    "Mark",
    "Shown",
    "View",
    "ViewColumn",
    "change_view",
    "columns_in",
    "compare_rows",
    "has_role",
    "make_view",
    "marked_in",
    "mended",
    "ours",
    "read_credits",
    "say_left_out",
    "say_removed",
    "select",
    "tables_in",
    "union",
    "used_credits",
    "views_in",
]
