"""Faults on demand and at random: what to do to which statement or log-in, and how often."""

import asyncio
import random
import re
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

LOGIN = "login"
RENEWAL = "renewal"
UPLOAD = "upload"
Action = Literal["status", "error", "drop_before", "drop_after", "delay", "delay_after"]
AFTERWARDS = ("drop_after", "delay_after")


@dataclass(frozen=True)
class Fault:
    """What happens to a request that it matches.

    `match` is a regular expression searched in the statement's text, or "login" for log-ins,
    or "renewal" for the request for a new token that follows on 390112, or "upload" for a file that
    is sent to the stage's storage, which answers an HTTP status. `user`: of this log-in name
    alone. `times` is how many requests it meets, None for every one; `after` lets that many pass first.
    The driver repeats a request that met a status or a dropped connection under the same request
    id: with `sticky` such a repetition meets the fault again, and counts once.
    Actions: "status" answers an HTTP status; "error" refuses with code, sqlstate and message;
    "drop_before" and "drop_after" cut the connection before or after the statement took effect;
    "delay" waits `seconds` before it takes effect, "delay_after" before the answer. The others wait
    `seconds`, too, before they strike. Taking a fault away ends its waits.
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
    user: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class _Armed:
    fault: Fault
    pattern: re.Pattern[str] = field(init=False)
    seen: int = 0
    met: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.pattern = re.compile(self.fault.match, re.IGNORECASE | re.DOTALL)

    def fits(self, text: str, user: str) -> bool:
        if self.fault.user and self.fault.user.lower() != user.lower():
            return False
        if {LOGIN, RENEWAL, UPLOAD} & {self.fault.match, text}:
            return self.fault.match == text
        return bool(self.pattern.search(text))

    def takes(self, text: str, request_id: str, user: str) -> bool:
        if not self.fits(text, user):
            return False
        if self.fault.sticky and request_id in self.met:
            return True
        self.seen += 1
        number = self.seen - self.fault.after
        if number < 1 or (self.fault.times is not None and number > self.fault.times):
            return False
        self.met.add(request_id)
        return True


class _Disturbance:
    """A share of all requests meets a fault, drawn from a weighted list by a seeded generator.

    Their order is the order in which they come, so that a seed repeats a run as far as that does.
    """

    def __init__(self, share: float, seed: int, faults: Sequence[tuple[float, Fault]]) -> None:
        self._share = share
        self._random = random.Random(seed)
        self._faults = [(weight, _Armed(fault)) for weight, fault in faults]
        self._drawn: dict[str, Fault | None] = {}

    def of(self, text: str, request_id: str, user: str) -> Fault | None:
        if request_id in self._drawn:
            again = self._drawn[request_id]
            return again if again and again.sticky else None
        drawn = self._drawn[request_id] = self._draw(text, user)
        return drawn

    def _draw(self, text: str, user: str) -> Fault | None:
        if self._random.random() >= self._share:
            return None
        fitting = [(weight, armed.fault) for weight, armed in self._faults if armed.fits(text, user)]
        if not fitting:
            return None
        weights, faults = zip(*fitting, strict=True)
        chosen: Fault = self._random.choices(faults, weights)[0]
        return chosen


class Faults:
    """The armed faults, in the order they were armed; a request meets every one that takes it."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._disturbance: _Disturbance | None = None
        self._passwords: dict[str, str] = {}
        self._lock = threading.Lock()
        self._taken_away = asyncio.Event()

    def arm(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault))

    def disturb(self, share: float, seed: int, faults: Sequence[tuple[float, Fault]]) -> None:
        """From now on this share of requests meets one of these faults, each with its weight."""
        with self._lock:
            self._disturbance = _Disturbance(share, seed, faults)

    def clear(self) -> None:
        """Takes all faults away, also from those that wait in one."""
        with self._lock:
            self._armed.clear()
            self._disturbance = None
        ended, self._taken_away = self._taken_away, asyncio.Event()
        ended.set()

    def of(self, text: str, request_id: str, user: str) -> list[Fault]:
        with self._lock:
            met = [a.fault for a in self._armed if a.takes(text, request_id, user)]
            drawn = self._disturbance.of(text, request_id, user) if self._disturbance else None
        return [*met, drawn] if drawn else met

    async def wait(self, seconds: float) -> None:
        """A fault's time; it ends early where the faults are taken away."""
        try:
            await asyncio.wait_for(self._taken_away.wait(), seconds)
        except TimeoutError:
            return

    def require_password(self, user: str, password: str) -> None:
        """From now on this user's log-ins need this password; others' pass with any."""
        with self._lock:
            self._passwords[user.lower()] = password

    def refused(self, user: str, password: str) -> Fault | None:
        """What a log-in with the wrong password meets."""
        wanted = self._passwords.get(user.lower(), password)
        if wanted == password:
            return None
        return Fault(LOGIN, "error", code="390100", message="Incorrect username or password was specified.")
