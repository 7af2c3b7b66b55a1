"""Faults on demand: what to do to which statement or log-in, and how often."""

import re
import threading
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

LOGIN = "login"
RENEWAL = "renewal"
Action = Literal["status", "error", "drop_before", "drop_after", "delay"]


@dataclass(frozen=True)
class Fault:
    """What happens to a request that it matches.

    `match` is a regular expression searched in the statement's text, or "login" for log-ins,
    or "renewal" for the request for a new token that follows on 390112.
    `times` is how many requests it meets, None for every one; `after` lets that many pass first.
    The driver repeats a request that met a status or a dropped connection under the same request
    id: with `sticky` such a repetition meets the fault again, and counts once.
    Actions: "status" answers an HTTP status; "error" refuses with code, sqlstate and message;
    "drop_before" and "drop_after" cut the connection before or after the statement took effect;
    "delay" waits `seconds` first.
    """

    match: str
    action: Action
    times: int | None = 1
    after: int = 0
    status: int = 503
    code: str = ""
    sqlstate: str = ""
    message: str = ""
    seconds: float = 0.0
    sticky: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class _Armed:
    fault: Fault
    pattern: re.Pattern[str]
    seen: int = 0
    met: set[str] = field(default_factory=set)

    def takes(self, text: str, request_id: str) -> bool:
        named = {LOGIN, RENEWAL} & {self.fault.match, text}
        if self.fault.match != text if named else not self.pattern.search(text):
            return False
        if self.fault.sticky and request_id in self.met:
            return True
        self.seen += 1
        number = self.seen - self.fault.after
        if number < 1 or (self.fault.times is not None and number > self.fault.times):
            return False
        self.met.add(request_id)
        return True


class Faults:
    """The armed faults, in the order they were armed; a request meets every one that takes it."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def arm(self, fault: Fault) -> None:
        pattern = re.compile(fault.match, re.IGNORECASE | re.DOTALL)
        with self._lock:
            self._armed.append(_Armed(fault, pattern))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def of(self, text: str, request_id: str) -> list[Fault]:
        with self._lock:
            return [a.fault for a in self._armed if a.takes(text, request_id)]
