"""Whose queue is looked at."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.reporting.statistics import Dimension, Line, Rollup, rollup

_DIMENSIONS: tuple[Dimension, ...] = ("configuration_id", "status", "error_code")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one user or of all; of one destination of theirs, or of all. `details`: also what concerns everyone."""

    user_id: UUID | None = None
    configuration_id: UUID | None = None
    details: bool = True

    @property
    def is_all(self) -> bool:
        return self.user_id is None and self.configuration_id is None

    def configuration_ids(self) -> list[UUID] | None:
        """The destinations that are meant; None: all there are."""
        if self.configuration_id is not None:
            return [self.configuration_id]
        if self.user_id is None:
            return None
        owned = SnowflakeConfiguration.objects.filter(user_id=self.user_id).order_by()
        return list(owned.values_list("pk", flat=True))

    def counted(self, *, watch: bool = False, make: bool = True) -> Rollup:
        """Its lines, by destination, status and error code. `watch` and `make`: as for `rollup`."""
        found = rollup(_DIMENSIONS, user_id=self.user_id, watch=watch, make=make)
        if self.configuration_id is None:
            return found
        lines = tuple(line for line in found.lines if line.configuration_id == self.configuration_id)
        return Rollup(found.as_of, lines, found.kept)


def total(lines: tuple[Line, ...], status: str) -> int:
    """Items in this state."""
    return sum(line.count for line in lines if line.status == status)
