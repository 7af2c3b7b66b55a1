"""The end of a page of a list, as an opaque word that a client gives back."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sync.reporting.lookups import in_utc


class CursorError(ValueError):
    """`encode` has not made this word."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position between two items of a list that is ordered by a moment and the id."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        """The position as a word that is safe in a URL."""
        text = json.dumps([self.at.isoformat(), self.id.hex], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, word: str) -> "Cursor":
        """The position that `encode` made the word from. Raises CursorError."""
        try:
            at, id_ = json.loads(base64.urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4)))
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None:
                raise CursorError
            return cls(in_utc(moment), UUID(hex=id_))
        except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
            raise CursorError from None
