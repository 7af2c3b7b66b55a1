"""What is kept beside the results: the statements for it, run in their order, and what their answers mean."""

from sync.snowflake.warehouse.views import View, change_view, make_view, ours

__all__ = ["View", "change_view", "make_view", "ours"]
