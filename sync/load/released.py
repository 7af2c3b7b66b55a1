"""What is told before a table goes or loses columns: views may name them (sync.warehouse.release)."""

from collections.abc import Sequence
from typing import Protocol

from accounts.models import SnowflakeConfiguration
from sync.snowflake.session import Session
from sync.snowflake.statements import Column, Table


class Release(Protocol):
    """`becomes`: what the columns will be, in place of those `known`; none: the tables go, or, with `executions`, no
    more than their rows. It does not fail the load.
    """

    def __call__(
        self,
        session: Session,
        configuration: SnowflakeConfiguration,
        tables: Sequence[Table],
        *,
        becomes: Sequence[Column] = (),
        known: Sequence[Column] = (),
        executions: Sequence[str] = (),
    ) -> None: ...
