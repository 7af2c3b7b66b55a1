"""What is sent, and what became of it: all that the channels and the rest of the room know of each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Event(StrEnum):
    """What a message tells."""

    OPENED = "opened"
    CLOSED = "closed"
    REMINDER = "reminder"
    DIGEST = "digest"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Message:
    """Words that are frozen when the message is queued. No value of a result and no secret is in them.

    `subject`: one line. `text`: all of it for people, plain, with the link. `html`: the same where a channel can show
    it, empty if nothing is gained. `type` (`alert.opened`), `at` (ISO 8601) and `data`: for programs; `data` has
    `alerts`, each with kind, key, since and link.
    """

    event: Event
    subject: str
    text: str
    type: str
    at: str
    html: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "event": self.event,
            "subject": self.subject,
            "text": self.text,
            "type": self.type,
            "at": self.at,
            "html": self.html,
            "data": dict(self.data),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Message":
        return cls(**{**stored, "event": Event(stored["event"])})


class Outcome(StrEnum):
    """`AGAIN`: it may be taken later. `NEVER`: this message will not be taken. `GONE`: nor any other there."""

    OK = "ok"
    AGAIN = "again"
    NEVER = "never"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one try. `said`: for people, without secrets; `after`: seconds that we are asked to wait."""

    outcome: Outcome
    said: str
    after: float | None = None
