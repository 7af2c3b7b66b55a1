"""People are told: conditions, what becomes of them, and the messages about them."""

from sync.alerts.channels import KINDS, ChannelKind, Field
from sync.alerts.kinds import WORDS, Kind, Words
from sync.alerts.look import Looked, look
from sync.alerts.message import Answer, Event, Message, Outcome
from sync.alerts.outbox import deliver, send_test
from sync.alerts.pruning import prune_alerts
from sync.alerts.standing import Standing, standing
from sync.alerts.watcher import Watcher

__all__ = [
    "KINDS",
    "WORDS",
    "Answer",
    "ChannelKind",
    "Event",
    "Field",
    "Kind",
    "Looked",
    "Message",
    "Outcome",
    "Standing",
    "Watcher",
    "Words",
    "deliver",
    "look",
    "prune_alerts",
    "send_test",
    "standing",
]
