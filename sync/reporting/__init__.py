from sync.reporting import history, words
from sync.reporting.datetimes import MomentField, in_utc
from sync.reporting.destinations import DestinationState, Standing, state_of
from sync.reporting.errors import ErrorLine
from sync.reporting.executions import ExecutionSync, execution_sync
from sync.reporting.failed_items import failed_items
from sync.reporting.history.reading import Cell, Period, Step
from sync.reporting.listing import ItemPage, ListedItem, Listing, Position, PositionError, list_items
from sync.reporting.lookups import as_uuid, destinations_meant, several_users, users_meant, workflow_meant
from sync.reporting.metrics import SyncCollector
from sync.reporting.overview import Overview, overview, throughput
from sync.reporting.readiness import is_ready
from sync.reporting.rights import RETRY, VIEW, VIEW_DESTINATIONS, may, may_see_results, scope_of
from sync.reporting.scope import Asked
from sync.reporting.statistics import failed_syncs, sync_statistics
from sync.reporting.status_text import standing
from sync.reporting.trouble import Trouble, remedy_of, trouble
from sync.reporting.verdict import Level
from sync.reporting.words import ago, counted, duration, number
from sync.reporting.workers import WorkerState, count_workers

__all__ = [
    "RETRY",
    "VIEW",
    "VIEW_DESTINATIONS",
    "Asked",
    "Cell",
    "DestinationState",
    "ErrorLine",
    "ExecutionSync",
    "ItemPage",
    "Level",
    "ListedItem",
    "Listing",
    "MomentField",
    "Overview",
    "Period",
    "Position",
    "PositionError",
    "Standing",
    "Step",
    "SyncCollector",
    "Trouble",
    "WorkerState",
    "ago",
    "as_uuid",
    "count_workers",
    "counted",
    "destinations_meant",
    "duration",
    "execution_sync",
    "failed_items",
    "failed_syncs",
    "history",
    "in_utc",
    "is_ready",
    "list_items",
    "may",
    "may_see_results",
    "number",
    "overview",
    "remedy_of",
    "scope_of",
    "several_users",
    "standing",
    "state_of",
    "sync_statistics",
    "throughput",
    "trouble",
    "users_meant",
    "words",
    "workflow_meant",
]
