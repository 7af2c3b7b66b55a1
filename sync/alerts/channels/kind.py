"""What a kind of channel is: how it is set up, and how it sends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sync.alerts.message import Answer, Message


def nothing_to_check(_value: str) -> str:
    """Whatever is entered may be right."""
    return ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that is entered. `check`: what is wrong with a value, and what to do; empty if nothing is."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    check: Callable[[str], str] = nothing_to_check


# Settings, secrets, message, and the delivery's id, which stays the same at each try.
Send = Callable[[Mapping[str, str], Mapping[str, str], Message, str], Answer]


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """`send` never raises what the other side did, and ends within half a minute."""

    label: str
    fields: tuple[Field, ...]
    send: Send
    help: str = ""
