"""What a kind of channel is: how it is set up, and how it sends."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sync.alerts.message import Answer, Message

# Characters that a value may have.
LONGEST = 1000


def nothing_to_check(_value: str) -> str:
    """Whatever is entered may be right."""
    return ""


def nothing_missing() -> str:
    """Every installation has what it needs."""
    return ""


def none_at_first() -> dict[str, str]:
    """Its secrets are entered."""
    return {}


@dataclass(frozen=True, slots=True)
class Field:
    """Something that is entered. `check`: what is wrong with a value, and what to do; empty if nothing is."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    check: Callable[[str], str] = nothing_to_check
    # By value, if there are only some: what is said of each.
    choices: Mapping[str, str] | None = None


# Settings, secrets, message, and the delivery's id, which stays the same at each try.
Send = Callable[[Mapping[str, str], Mapping[str, str], Message, str], Answer]


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """`send` never raises what the other side did, and ends within half a minute."""

    label: str
    fields: tuple[Field, ...]
    send: Send
    help: str = ""
    # Why it cannot be used in this installation, and what to do; empty: it can.
    missing: Callable[[], str] = nothing_missing
    # Secrets that are made for a new channel, and shown once.
    made: Callable[[], dict[str, str]] = none_at_first
    # Whether it is for digests, too: nobody is paged with one.
    digests: bool = True


class BadFieldsError(ValueError):
    """What was entered cannot be used; `problems`: words by field, which quote no value."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def entered(kind: ChannelKind, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The settings and the secrets to store. Raises BadFieldsError."""
    known = {field.name: field for field in kind.fields}
    problems = {name: f"{kind.label} has no such field." for name in values if name not in known}
    taken = {name: values.get(name, "").strip() for name in known}
    problems |= {name: said for name, field in known.items() if (said := _problem(field, taken[name]))}
    if problems:
        raise BadFieldsError(problems)
    settings = {name: value for name, value in taken.items() if value and not known[name].secret}
    return settings, {name: value for name, value in taken.items() if value and known[name].secret}


def _problem(field: Field, value: str) -> str:
    if not value:
        return f"{field.label} is missing." if field.required else ""
    if len(value) > LONGEST or not value.isprintable():
        return f"{field.label} has characters that cannot be seen, or more than {LONGEST}."
    if field.choices is not None and value not in field.choices:
        return f"{field.label} has to be one of: {', '.join(field.choices)}."
    return field.check(value)


def matching(pattern: str, otherwise: str) -> Callable[[str], str]:
    """A check that the whole of a value is of this pattern, in ASCII; `otherwise` says what it has to look like."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: "" if compiled.fullmatch(value) else otherwise


def printable(text: str, most: int = 160) -> str:
    """A piece of what others said, on one line."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: most * 4]).split())
    return line if len(line) <= most else f"{line[:most]}\N{HORIZONTAL ELLIPSIS}"


def thread_of(message: Message, otherwise: str) -> str:
    """What a message is about, the same for an opening, its reminders and its closing; else `otherwise`.

    Two installations may page by one key: each has an alert "no worker is running", opened at a moment of its own.
    """
    about = [f"{alert['kind']}:{alert['key']}:{alert.get('opened_at', '')}" for alert in message.data.get("alerts", [])]
    return hashlib.sha256("\n".join(about).encode()).hexdigest()[:32] if about else otherwise
