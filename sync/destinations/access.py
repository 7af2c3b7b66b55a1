"""The way into a destination."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from uuid import UUID

from django.db import Error

from sync.destinations import breaker
from sync.destinations.breaker import Login
from sync.destinations.connect import destination_of
from sync.destinations.logins import admitted, login_by_hand
from sync.errors import DestinationError
from sync.postgres import first_line
from sync.rules import of_version
from sync.snowflake.session import Destination, Limits, LoginLock, Pool, Session

logger = logging.getLogger(__name__)


def by_hand(configuration_id: UUID, limits: Limits) -> tuple[Destination, LoginLock]:
    """What somebody asked for goes there, switched on or not; and the lock at which its log-ins take their turn.

    Raises rows_hidden.
    """
    configuration, destination, *_ = destination_of(configuration_id)
    return destination, partial(login_by_hand, configuration, seconds=limits.longest_login)


class Access:
    """A destination as it is configured now, and sessions there: warm ones, or behind the login lock.

    `rules`: those that what is loaded goes by. `loads`: an item waits for it; else it is work beside loads, and only
    refused credentials pause the destination, since nothing may wait that would try it again. `trial`: the version of
    the settings that the caller is to try; None: it has nothing to try. Raises rules_unreadable and rows_hidden.

    `guard` is called before every statement and before every look at the lock; it stops the work by raising.
    """

    def __init__(
        self,
        configuration_id: UUID,
        pool: Pool,
        guard: Callable[[], None],
        *,
        loads: bool = False,
        trial: int | None = None,
    ) -> None:
        self.configuration, self.destination, version, made_at = destination_of(configuration_id)
        self.rules = of_version(configuration_id, version, made_at)
        self.limits = pool.limits
        self._pool = pool
        self._guard = guard
        self._loads = loads
        # It was a trial of the settings at that time.
        self._on_trial = trial == self.configuration.state.settings_version

    def session(self) -> AbstractContextManager[Session]:
        """A session for one piece of work. Raises SyncError, NotNowError, ChangedError, and what the guard raises."""
        return self._pool.session(self.destination, self._guard, self._login_lock)

    def fenced_session(self) -> AbstractContextManager[Session]:
        """A session for one named transaction. Raises the same."""
        return self._pool.fenced_session(self.destination, self._guard, self._login_lock)

    @contextmanager
    def _login_lock(self) -> Iterator[None]:
        """Around one log-in. A destination that refuses is paused before others may try."""
        configuration_id, version = self.configuration.pk, self.configuration.state.settings_version
        seconds = self._pool.limits.longest_login
        ask = partial(breaker.ask_login, configuration_id, seconds=seconds, version=version, on_trial=self._on_trial)
        taken = admitted(ask, self._guard) is Login.TAKEN and not self._on_trial
        try:
            yield
        except DestinationError as error:
            if self._loads or error.entry.refuses:
                breaker.pause_destination(configuration_id, error, version=version)
            raise
        else:
            self._note_login()
        finally:
            if taken:
                breaker.end_trial(configuration_id, version=version)

    def _note_login(self) -> None:
        try:
            breaker.note_login(self.configuration.pk, version=self.configuration.state.settings_version)
        except Error as error:
            # The connection is there and must not get lost; the next log-in is noted again.
            logger.warning(
                "The log-in to destination %s could not be noted: %s", self.configuration.pk, first_line(error)
            )
