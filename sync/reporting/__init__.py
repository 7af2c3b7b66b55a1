from sync.reporting import history, words
from sync.reporting.activity import (
    ActivityFilter,
    ActivityPage,
    Sentence,
    changes_of,
    list_activity,
    sentence_of,
)
from sync.reporting.catalogue import CatalogueStanding, catalogue_of
from sync.reporting.costs import DAYS as COST_DAYS
from sync.reporting.costs import FORMULA as COST_FORMULA
from sync.reporting.costs import MOST_DAYS as MOST_COST_DAYS
from sync.reporting.costs import Costs, costs
from sync.reporting.counts import Scope, sync_statistics
from sync.reporting.cursor import Cursor, CursorError
from sync.reporting.destination_pages import attempts_at, destination_status, list_destinations
from sync.reporting.destinations import Availability, DestinationStatus, availability_of, ends_pause
from sync.reporting.error_groups import ErrorGroup, ErrorGroups, GroupFilter, Mute, error_groups
from sync.reporting.errors import ItemError, NotLoaded, error_of, failed_syncs, not_loaded
from sync.reporting.executions import ExecutionSync, execution_sync
from sync.reporting.findings import TABLES, open_findings, otherwise, tables_otherwise
from sync.reporting.first_steps import FirstStep, first_steps
from sync.reporting.freshness import Month, freshness
from sync.reporting.history import Cell, Step
from sync.reporting.items import ListedItem, ListPage, list_items
from sync.reporting.lookups import (
    as_uuid,
    destinations_meant,
    in_utc,
    named_destinations,
    several,
    users_meant,
    workflow_meant,
    workflows_meant,
)
from sync.reporting.metrics import SyncCollector
from sync.reporting.overview import Overview, overview
from sync.reporting.people import people
from sync.reporting.readiness import is_ready
from sync.reporting.rights import (
    ADD_DESTINATIONS,
    BACKFILL,
    CHANGE_DESTINATIONS,
    DELETE_DESTINATIONS,
    MUTE,
    RETRY,
    VIEW,
    VIEW_ACTIVITY,
    VIEW_DESTINATIONS,
    VIEW_RESULTS,
    VIEW_USERS,
    may,
    may_see_results,
    may_see_runs,
    scope_of,
)
from sync.reporting.runs import (
    EVER,
    NEVER,
    Number,
    Places,
    Run,
    RunItem,
    RunPage,
    count_runs,
    list_runs,
    places_of_runs,
    runs_at,
)
from sync.reporting.search import Found, search, suggested
from sync.reporting.status_text import status_text
from sync.reporting.trend import Trend, trend
from sync.reporting.verdict import BEGUN, BY_HAND, Level, Pause, Point
from sync.reporting.words import ago, counted, duration, number, of_credits, size
from sync.reporting.workers import WorkerState, count_workers, holdings, list_workers
from sync.reporting.workflow_views import WorkflowViews, views_of
from sync.reporting.workflows import (
    Lately,
    RecentColumns,
    SeenColumn,
    WorkflowRun,
    lately,
    recent_columns,
    runs_of,
    workflows_of,
)

__all__ = [
    "ADD_DESTINATIONS",
    "BACKFILL",
    "BEGUN",
    "BY_HAND",
    "CHANGE_DESTINATIONS",
    "COST_DAYS",
    "COST_FORMULA",
    "DELETE_DESTINATIONS",
    "EVER",
    "MOST_COST_DAYS",
    "MUTE",
    "NEVER",
    "RETRY",
    "TABLES",
    "VIEW",
    "VIEW_ACTIVITY",
    "VIEW_DESTINATIONS",
    "VIEW_RESULTS",
    "VIEW_USERS",
    "ActivityFilter",
    "ActivityPage",
    "Availability",
    "CatalogueStanding",
    "Cell",
    "Costs",
    "Cursor",
    "CursorError",
    "DestinationStatus",
    "ErrorGroup",
    "ErrorGroups",
    "ExecutionSync",
    "FirstStep",
    "Found",
    "GroupFilter",
    "ItemError",
    "Lately",
    "Level",
    "ListPage",
    "ListedItem",
    "Month",
    "Mute",
    "NotLoaded",
    "Number",
    "Overview",
    "Pause",
    "Places",
    "Point",
    "RecentColumns",
    "Run",
    "RunItem",
    "RunPage",
    "Scope",
    "SeenColumn",
    "Sentence",
    "Step",
    "SyncCollector",
    "Trend",
    "WorkerState",
    "WorkflowRun",
    "WorkflowViews",
    "ago",
    "as_uuid",
    "attempts_at",
    "availability_of",
    "catalogue_of",
    "changes_of",
    "costs",
    "count_runs",
    "count_workers",
    "counted",
    "destination_status",
    "destinations_meant",
    "duration",
    "ends_pause",
    "error_groups",
    "error_of",
    "execution_sync",
    "failed_syncs",
    "first_steps",
    "freshness",
    "history",
    "holdings",
    "in_utc",
    "is_ready",
    "lately",
    "list_activity",
    "list_destinations",
    "list_items",
    "list_runs",
    "list_workers",
    "may",
    "may_see_results",
    "may_see_runs",
    "named_destinations",
    "not_loaded",
    "number",
    "of_credits",
    "open_findings",
    "otherwise",
    "overview",
    "people",
    "places_of_runs",
    "recent_columns",
    "runs_at",
    "runs_of",
    "scope_of",
    "search",
    "sentence_of",
    "several",
    "size",
    "status_text",
    "suggested",
    "sync_statistics",
    "tables_otherwise",
    "trend",
    "users_meant",
    "views_of",
    "words",
    "workflow_meant",
    "workflows_meant",
    "workflows_of",
]
