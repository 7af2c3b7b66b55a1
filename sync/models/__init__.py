"""The tables and views of the sync, mapped."""

from accounts.reading import called
from sync.models.activity import SyncActivity
from sync.models.alerts import SyncAlert, SyncAlertChannel, SyncAlertDelivery
from sync.models.application import Workflow, WorkflowExecution
from sync.models.findings import SyncFinding, SyncReconciliation
from sync.models.mutes import SyncMute
from sync.models.queue import SyncAttempt, SyncQueueItem, SyncWorker
from sync.models.records import QueueSummary, SyncErrorGroup, SyncFailure, SyncRollup, SyncRollupMade, SyncTable
from sync.models.retention import SyncRetention
from sync.models.rules import SyncHashKey, SyncKnownColumn, SyncRule, SyncRuleVersion
from sync.models.warehouse import SyncCatalogue

__all__ = [
    "QueueSummary",
    "SyncActivity",
    "SyncAlert",
    "SyncAlertChannel",
    "SyncAlertDelivery",
    "SyncAttempt",
    "SyncCatalogue",
    "SyncErrorGroup",
    "SyncFailure",
    "SyncFinding",
    "SyncHashKey",
    "SyncKnownColumn",
    "SyncMute",
    "SyncQueueItem",
    "SyncReconciliation",
    "SyncRetention",
    "SyncRollup",
    "SyncRollupMade",
    "SyncRule",
    "SyncRuleVersion",
    "SyncTable",
    "SyncWorker",
    "Workflow",
    "WorkflowExecution",
    "called",
]
