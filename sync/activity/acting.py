"""Who acts at this moment, and from where: said once by whoever takes a request or runs a command.

So what is changed below needs no argument for it. A thread that somebody starts begins with nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.models import SyncActivity

Face = SyncActivity.Face


@dataclass(frozen=True, slots=True)
class Actor:
    """`user`: looked at only when something is recorded, so that a request that changes nothing asks for nobody."""

    face: str = Face.APPLICATION
    user: Any = None
    named: str = ""
    token: str = ""

    @property
    def user_id(self) -> UUID | None:
        """The user who acts; None: nobody who is logged in."""
        return self.user.pk if self.user else None

    @property
    def name(self) -> str:
        """The user's e-mail address, or the name of whoever has no user here."""
        return str(self.user) if self.user_id else self.named


_acting: ContextVar[Actor | None] = ContextVar("sync_acting", default=None)


@contextmanager
def acting(face: str, user: Any = None, name: str = "", token: str = "") -> Iterator[None]:
    """Whatever is changed inside is done by this user from this face: Face's console, admin, api, command, worker.

    `name`: of somebody without a user here. `token`: the name of the API token that was used.
    """
    before = _acting.set(Actor(face, user, name, token))
    try:
        yield
    finally:
        _acting.reset(before)


def actor() -> Actor:
    """Who acts now; outside of `acting`, the application."""
    return _acting.get() or Actor()
