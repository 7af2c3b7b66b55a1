"""Who has changed what: `acting` says who acts and from where, `record` writes down what was done."""

from sync.activity.acting import Actor, acting, actor
from sync.activity.actions import ACTIONS, Action, Kind
from sync.activity.changes import CHANGED, Change, changes_between
from sync.activity.pruning import prune_activity
from sync.activity.recording import Counted, record

__all__ = [
    "ACTIONS",
    "CHANGED",
    "Action",
    "Actor",
    "Change",
    "Counted",
    "Kind",
    "acting",
    "actor",
    "changes_between",
    "prune_activity",
    "record",
]
