"""The queue: route → claim → heartbeat → complete, retry_later, fail, skip, release; rescue and sweep besides.

The only writer of a queue row's state. Each function is one statement or one short transaction, takes an optional
`now` (PostgreSQL's clock otherwise), and is safe to call from any number of workers at once:

    pending ──route──▶ pending, with a destination ──claim──▶ processing ──complete──▶ completed
       ▲  └──route──▶ skipped                                  │ ├─fail──▶ failed
       └── requeue, enqueue, new results, reopen_skipped       │ └─skip──▶ skipped
       └────────── retry_later, release, rescue ───────────────┘

A claim is fenced by its token, which comes from a sequence and is never re-used: a finish with another token is
refused, and says so.
"""

from sync.queue.claim import Floors, claim
from sync.queue.finish import complete, fail, finish, release, retry_later, skip
from sync.queue.probe import Due, probe
from sync.queue.reopen import reopen_skipped
from sync.queue.requeue import enqueue, requeue
from sync.queue.rescue import rescue
from sync.queue.route import route
from sync.queue.rows import Attempt, Claim, Finish, Outcome, Routed, Swept
from sync.queue.sweep import sweep
from sync.queue.workers import count_idle, heartbeat, register_worker, sign_off

__all__ = [
    "Attempt",
    "Claim",
    "Due",
    "Finish",
    "Floors",
    "Outcome",
    "Routed",
    "Swept",
    "claim",
    "complete",
    "count_idle",
    "enqueue",
    "fail",
    "finish",
    "heartbeat",
    "probe",
    "register_worker",
    "release",
    "reopen_skipped",
    "requeue",
    "rescue",
    "retry_later",
    "route",
    "sign_off",
    "skip",
    "sweep",
]
