"""Writes down what was done, in the transaction that does it: neither is there without the other."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sync.activity.acting import actor
from sync.activity.changes import Change
from sync.models import SyncActivity
from sync.postgres import storable


def record(
    action: str,
    kind: str,
    id: object = "",  # noqa: A002 - the table's word
    name: object = "",
    *,
    owner_id: UUID | None = None,
    changes: Sequence[Change] = (),
    count: int | None = None,
    note: str = "",
) -> int:
    """Writes an entry in the transaction that is open, and returns its id. Nothing in it may be a secret.

    `owner_id`: whose thing it is, who may see the entry; None: nobody's, or several users'.
    """
    who = actor()
    entry = SyncActivity.objects.create(
        user_id=who.user_id,
        user_name=storable(who.name),
        face=who.face,
        token_name=storable(who.token),
        action=action,
        subject_kind=kind,
        subject_id=storable(str(id)),
        subject_name=storable(str(name)),
        owner_id=owner_id,
        changes=[{key: _storable(value) for key, value in change.items()} for change in changes],
        count=count,
        note=storable(note),
    )
    return entry.pk


class Counted:
    """One entry for what is done page by page, each in a transaction of its own.

    It is written after the first page that did something, and says after each how many it was until then: if the rest
    is broken off, what was done is told.
    """

    def __init__(
        self,
        action: str,
        kind: str,
        id: object = "",  # noqa: A002
        name: object = "",
        *,
        owner_id: UUID | None = None,
        note: str = "",
    ) -> None:
        self._entry = (action, kind, id, name)
        self._owner_id, self._note = owner_id, note
        self._id: int | None = None
        self._said = 0, ""

    def so_far(self, count: int, note: str = "") -> None:
        """So many, all in all; `note` is said besides the first one."""
        if (count, note) == self._said:
            return
        self._said = count, note
        told = ", ".join(filter(None, [self._note, note]))
        if self._id is None:
            self._id = record(*self._entry, owner_id=self._owner_id, count=count, note=told)
        else:
            SyncActivity.objects.filter(pk=self._id).update(count=count, note=storable(told))


def _storable(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value
