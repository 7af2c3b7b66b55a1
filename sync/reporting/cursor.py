"""Where a page ended, as an opaque word that a client gives back."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sync.reporting.lookups import in_utc


class CursorError(ValueError):
    """The word is none that `encode` has made."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Between two items of a list that is ordered by a moment and the id."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        """Safe in a URL."""
        text = json.dumps([self.at.isoformat(), self.id.hex], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, word: str) -> "Cursor":
        """Raises CursorError."""
        try:
            at, id_ = json.loads(base64.urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4)))
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None:
                raise CursorError
            return cls(in_utc(moment), UUID(hex=id_))
        except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
            raise CursorError from None
