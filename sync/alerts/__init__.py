"""People are told: conditions, what becomes of them, and the messages about them."""

from sync.alerts.channels import KINDS, ChannelKind, Field
from sync.alerts.kinds import WORDS, Kind, Words
from sync.alerts.look import Looked, look
from sync.alerts.message import Answer, Event, Message, Outcome
from sync.alerts.outbox import deliver, send_test
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
    "Watcher",
    "Words",
    "deliver",
    "look",
    "send_test",
]
