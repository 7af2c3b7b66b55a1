"""How much is otherwise in Snowflake than it was loaded, as every face counts it."""

from django.db.models import Count, QuerySet, TextField, Value
from django.db.models.functions import Concat

from sync.models import SyncFinding
from sync.reporting.words import counted

# A table may be otherwise in several ways.
_PLACE = Concat("database_name", Value("\n"), "schema_name", Value("\n"), "table_name", output_field=TextField())
TABLES = Count(_PLACE, distinct=True)


def open_findings() -> "QuerySet[SyncFinding]":
    """Of active destinations: at one that is switched off nobody looks."""
    return SyncFinding.objects.filter(closed_at=None, configuration__is_active=True)


def tables_otherwise(found: "QuerySet[SyncFinding]") -> int:
    """How many tables these findings are of."""
    return int(found.order_by().aggregate(tables=TABLES)["tables"])


def otherwise(tables: int, unlisted: int) -> str:
    """So many are; `unlisted`: findings that were too many to be written down."""
    more = "More than " if unlisted else ""
    return more + counted(tables, "table is otherwise", "tables are otherwise")
