"""The queue: enqueue → route → claim → heartbeat → finish, in one of the ways of `endings`; rescue and sweep besides.

In Python, nothing else writes a queue row's state; in PostgreSQL the trigger queues, and deletes cascade to the queue.
Each function works in short transactions, one or several, and is safe to call from any number of workers at once. The
functions that go by the time take an optional `now` (PostgreSQL's clock otherwise):

    the inbox ──route──▶ pending ──claim──▶ processing ──completed──▶ completed
         └──route──▶ skipped, failed          │ └──failed──▶ failed
      pending ◀── retry, new results, ──┬─────┘
                  follow_destinations   └─ retried, released, paused, rescue

A claim is fenced by its token, which comes from a sequence and is never re-used: a finish with another token is
refused, and says so.
"""

from sync.queue import endings
from sync.queue.adopting import adopt_item
from sync.queue.backfill import BackfillFilter, BackfillPage, backfill_page, count_executions
from sync.queue.backoff import delay
from sync.queue.by_hand import Change, change_items, enqueue, load_again
from sync.queue.claim import claim
from sync.queue.earlier_tries import LATE_RESULTS, results_may_come, uncounted_are_spent
from sync.queue.erasure import Erased, Whose, count_not_erased, end_erased, forget_erased
from sync.queue.execution_status import PER_TRANSACTION, update_execution_status
from sync.queue.finish import finish
from sync.queue.follow_destinations import follow_destinations
from sync.queue.held import release_held
from sync.queue.item_filter import SKIPPED_BY_HAND, ItemFilter
from sync.queue.loaded import (
    Loaded,
    LoadedCount,
    LoadedItem,
    Misfits,
    columns_of_items,
    count_loaded,
    count_misfits,
    loaded_page,
)
from sync.queue.open_loads import ClaimLostError, forget_open_load, have_ended_with, note_open_load
from sync.queue.probe import probe
from sync.queue.prune import PRUNE_PAGE, begin_prune, prune_attempts, prune_removed, prune_workers
from sync.queue.removal import (
    Excluded,
    ExcludedPage,
    ToRemove,
    ask_removal,
    count_excluded,
    excluded_page,
    to_remove,
)
from sync.queue.rescue import rescue
from sync.queue.retention import (
    AskedPage,
    PastCount,
    PastRetention,
    ResultPlace,
    ask_past,
    count_past,
    past_retention,
    settled,
)
from sync.queue.returning import Returning, ReturnPage, count_excluded_earlier, return_page
from sync.queue.route import route
from sync.queue.rows import Attempt, Claim, Finish, OpenLoad, Outcome, Removed, Routed, Swept
from sync.queue.scan_start import ScanStart
from sync.queue.scope import decided_by, excluded_now
from sync.queue.sweep import sweep
from sync.queue.turns import Line, rejoin
from sync.queue.withdrawals import (
    Going,
    begin_walks,
    hold_going,
    next_going,
    note_taken_out,
    put_off_going,
    retention_trouble,
    walk,
    walk_later,
)
from sync.queue.workers import count_idle, earlier_workers, heartbeat, register_worker, sign_off

__all__ = [
    "LATE_RESULTS",
    "PER_TRANSACTION",
    "PRUNE_PAGE",
    "SKIPPED_BY_HAND",
    "AskedPage",
    "Attempt",
    "BackfillFilter",
    "BackfillPage",
    "Change",
    "Claim",
    "ClaimLostError",
    "Erased",
    "Excluded",
    "ExcludedPage",
    "Finish",
    "Going",
    "ItemFilter",
    "Line",
    "Loaded",
    "LoadedCount",
    "LoadedItem",
    "Misfits",
    "OpenLoad",
    "Outcome",
    "PastCount",
    "PastRetention",
    "Removed",
    "ResultPlace",
    "ReturnPage",
    "Returning",
    "Routed",
    "ScanStart",
    "Swept",
    "ToRemove",
    "Whose",
    "adopt_item",
    "ask_past",
    "ask_removal",
    "backfill_page",
    "begin_prune",
    "begin_walks",
    "change_items",
    "claim",
    "columns_of_items",
    "count_excluded",
    "count_excluded_earlier",
    "count_executions",
    "count_idle",
    "count_loaded",
    "count_misfits",
    "count_not_erased",
    "count_past",
    "decided_by",
    "delay",
    "earlier_workers",
    "end_erased",
    "endings",
    "enqueue",
    "excluded_now",
    "excluded_page",
    "finish",
    "follow_destinations",
    "forget_erased",
    "forget_open_load",
    "have_ended_with",
    "heartbeat",
    "hold_going",
    "load_again",
    "loaded_page",
    "next_going",
    "note_open_load",
    "note_taken_out",
    "past_retention",
    "probe",
    "prune_attempts",
    "prune_removed",
    "prune_workers",
    "put_off_going",
    "register_worker",
    "rejoin",
    "release_held",
    "rescue",
    "results_may_come",
    "retention_trouble",
    "return_page",
    "route",
    "settled",
    "sign_off",
    "sweep",
    "to_remove",
    "uncounted_are_spent",
    "update_execution_status",
    "walk",
    "walk_later",
]
