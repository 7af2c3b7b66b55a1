"""Takes the e-mail address of a deleted user out of what outlives them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast

from accounts.models import User
from sync.activity import Action, Kind, record
from sync.models import SyncActivity, SyncAlert, SyncAlertDelivery
from sync.postgres import fetch, read_sql

(_NAMES,) = read_sql(__file__, "names")
# In place of the name of somebody who is to be forgotten.
NOBODY = "somebody"
# Where an address may stand among other words.
_WITHIN: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (SyncActivity, ("note", "changes")),
    (SyncAlert, ("facts",)),
    (SyncAlertDelivery, ("message",)),
)
_PAGE = 500


class StillThereError(Exception):
    """The user is in the application's table still: what is done in their name would be written down again."""


def forget_user(email: str) -> int:
    """Takes the address of somebody who is not in the application's table any more out of what outlives them: who did
    what, who muted what, authors of rules, alerts. That it was done, and by which id, stays. Returns how many lines.

    Raises StillThereError.
    """
    if User.objects.with_email(email):
        raise StillThereError
    address = _address(email)
    with transaction.atomic():
        ((entries, others),) = fetch(_NAMES, {"email": email, "instead": NOBODY})
        lines: set[tuple[type[Model], Any]] = {(SyncActivity, id_) for id_ in entries}
        for model, fields in _WITHIN:
            lines |= {(model, id_) for id_ in _take_out(address, email, model, fields)}
        many = len(lines) + int(others)
        if many:
            record(Action.USER_FORGOTTEN, Kind.INSTALLATION, count=many)
    return many


def _address(email: str) -> re.Pattern[str]:
    """The address, in capitals or not, where it is no part of another one: joann@example.com is not ann@example.com."""
    letters = (f"[{c.upper()}{c.lower()}]" if c.isascii() and c.isalpha() else re.escape(c) for c in email)
    return re.compile(rf"(?<![\w.%+@-]){''.join(letters)}(?![\w-]|\.\w)")


def _take_out(address: re.Pattern[str], email: str, model: type[Model], fields: tuple[str, ...]) -> Iterator[Any]:
    """The rows that it was taken out of."""
    texts = {f"{field}_text": Cast(field, TextField()) for field in fields}
    # In JSON some characters are escaped.
    written = {email, json.dumps(email, ensure_ascii=False)[1:-1]}
    found = Q(*((f"{text}__icontains", one) for text in texts for one in written), _connector=Q.OR)
    rows = model._default_manager.annotate(**texts).filter(found)  # noqa: SLF001 - Django's
    for row in rows.iterator(_PAGE):
        before = {field: getattr(row, field) for field in fields}
        after = {field: _without(address, value) for field, value in before.items()}
        if after != before:
            model._default_manager.filter(pk=row.pk).update(**after)  # noqa: SLF001
            yield row.pk


def _without(address: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return address.sub(NOBODY, value)
    if isinstance(value, list):
        return [_without(address, one) for one in value]
    if isinstance(value, dict):
        return {name: _without(address, one) for name, one in value.items()}
    return value
