"""The tables and views of the sync, mapped."""

from sync.models.activity import SyncActivity
from sync.models.application import Workflow, WorkflowExecution
from sync.models.queue import SyncAttempt, SyncQueueItem, SyncWorker
from sync.models.records import QueueSummary, SyncFailure, SyncRollup, SyncRollupMade, SyncTable
from sync.models.rules import SyncHashKey, SyncKnownColumn, SyncRule, SyncRuleVersion

__all__ = [
    "QueueSummary",
    "SyncActivity",
    "SyncAttempt",
    "SyncFailure",
    "SyncHashKey",
    "SyncKnownColumn",
    "SyncQueueItem",
    "SyncRollup",
    "SyncRollupMade",
    "SyncRule",
    "SyncRuleVersion",
    "SyncTable",
    "SyncWorker",
    "Workflow",
    "WorkflowExecution",
]
