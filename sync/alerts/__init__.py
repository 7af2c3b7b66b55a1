"""People are told: conditions, what becomes of them, and the messages about them."""

from sync.alerts.channels import KINDS, ChannelKind, Field
from sync.alerts.message import Answer, Event, Message, Outcome

__all__ = ["KINDS", "Answer", "ChannelKind", "Event", "Field", "Message", "Outcome"]
