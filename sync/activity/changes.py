"""What has become of fields: from what to what, and of a secret only that it has changed."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict

# In place of a secret, before and after.
CHANGED = "changed"
_SECRET = re.compile(r"passw|passphrase|secret|token|private_key(?!_slot)|key_encrypted|digest", re.IGNORECASE)
# Characters of a value.
_LONGEST = 500

# `from` is a word of Python's.
Change = TypedDict("Change", {"field": str, "from": Any, "to": Any})


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields that are others, as they are stored, each with both values; a field that is not there is None.

    Whatever the name says to be a secret is never written, nor whether there was one. Give settings only: a value of a
    result has no place here.
    """
    changes: list[Change] = []
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        if old == new or (old is None and new == ""):
            continue
        if _SECRET.search(field):
            changes.append({"field": field.removesuffix("_encrypted"), "from": None, "to": CHANGED})
        else:
            changes.append({"field": field, "from": _plain(old), "to": _plain(new)})
    return changes


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    text = json.dumps(value, default=str) if isinstance(value, dict | list | tuple) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
