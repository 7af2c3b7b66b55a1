"""People are told: conditions, what becomes of them, and the messages about them."""

from sync.alerts.channels import KINDS, BadFieldsError, ChannelKind, Field, entered, rotated
from sync.alerts.kinds import ANY_KIND, WORDS, Kind, Words
from sync.alerts.listing import (
    STATES,
    Mute,
    alerts_of,
    before_it,
    is_somebody_told,
    mutes_of,
    page_of,
    state_of,
    with_mutes,
)
from sync.alerts.look import Looked, look
from sync.alerts.message import Answer, Event, Message, Outcome
from sync.alerts.outbox import deliver, send_test
from sync.alerts.pruning import prune_alerts
from sync.alerts.standing import Standing, standing
from sync.alerts.watcher import Watcher
from sync.alerts.words import for_programs, zone_of

__all__ = [
    "ANY_KIND",
    "KINDS",
    "STATES",
    "WORDS",
    "Answer",
    "BadFieldsError",
    "ChannelKind",
    "Event",
    "Field",
    "Kind",
    "Looked",
    "Message",
    "Mute",
    "Outcome",
    "Standing",
    "Watcher",
    "Words",
    "alerts_of",
    "before_it",
    "deliver",
    "entered",
    "for_programs",
    "is_somebody_told",
    "look",
    "mutes_of",
    "page_of",
    "prune_alerts",
    "rotated",
    "send_test",
    "standing",
    "state_of",
    "with_mutes",
    "zone_of",
]
