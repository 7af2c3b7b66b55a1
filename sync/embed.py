"""The service for a host application in Python: thin and async, over the worker and the operations.

from sync.embed import universal_snowflake_sync_service

asyncio.create_task(universal_snowflake_sync_service.start())
stats = await universal_snowflake_sync_service.get_sync_stats()
await universal_snowflake_sync_service.stop()

The import sets Django up if the host has not, and raises SystemCheckError if a setting is missing: a task that failed
later would fail unseen.
"""

import asyncio
import json
import logging
import os
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import django
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.core.management.base import SystemCheckError


def _set_up() -> None:
    """Sets Django up. The host's logging stays as it is, but libraries that log every request are made quieter."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    settings.LOGGING_CONFIG = None
    django.setup()
    for name, logger in settings.LOGGING["loggers"].items():
        logging.getLogger(name).setLevel(logger["level"])
    if errors := [message for message in run_checks() if message.is_serious()]:
        raise SystemCheckError("\n".join(map(str, errors)))


if not apps.ready:
    _set_up()

# Models can be imported once the apps are there.
from django.db import connections  # noqa: E402
from rest_framework.utils.encoders import JSONEncoder  # noqa: E402

from accounts.models import SnowflakeConfiguration  # noqa: E402
from sync import queue  # noqa: E402
from sync.models import SyncQueueItem, WorkflowExecution  # noqa: E402
from sync.operations import (  # noqa: E402
    Loaded,
    change_rules,
    count_effect,
    draft_of,
    preview_rules,
    reload_earlier,
    retry_failed_sync,
    rules_of,
)
from sync.reporting import failed_syncs, sync_statistics  # noqa: E402
from sync.rules import documents  # noqa: E402
from sync.worker import Options, Worker  # noqa: E402

Result = TypeVar("Result")


class UniversalSnowflakeSyncService:
    """Runs a worker within an asyncio application, and answers questions about the queue.

    `check_interval` is in seconds; at most `max_concurrent_syncs` loads run at once.
    """

    def __init__(self, check_interval: float | None = None, max_concurrent_syncs: int | None = None) -> None:
        self.check_interval = check_interval or settings.SYNC_CHECK_INTERVAL
        self.max_concurrent_syncs = max_concurrent_syncs or settings.SYNC_MAX_CONCURRENT
        self._worker: Worker | None = None
        self._ended = asyncio.Event()

    @property
    def is_running(self) -> bool:
        return self._worker is not None

    async def start(self) -> None:
        """Works until stop(). A second start while it runs does nothing."""
        if self._worker is not None:
            return
        self._worker = worker = self._new_worker()
        self._ended.clear()
        try:
            await _in_thread(worker.run)
        finally:
            worker.stop()
            self._worker = None
            self._ended.set()

    async def stop(self) -> None:
        """Finishes what is in flight, then ends start()."""
        if self._worker is not None:
            self._worker.stop()
            await self._ended.wait()

    async def process_sync_queue(self) -> dict[str, int]:
        """Works once until nothing is due. Returns how many items became what."""
        worker = self._new_worker()
        await _in_thread(worker.run_once)
        return dict(worker.outcomes)

    async def sync_execution_to_snowflake(self, execution_id: str) -> bool:
        """Queues a completed execution and works the queue until it is done. True: it is in all its destinations."""
        if not await _in_thread(lambda: queue.enqueue([execution_id])):
            return False
        await self.process_sync_queue()
        synced = WorkflowExecution.objects.filter(execution_id=execution_id, snowflake_status="completed")
        return await _in_thread(synced.exists)

    async def get_sync_stats(self) -> dict[str, dict[str, Any]]:
        """The statistics as `GET /api/snowflake-sync/stats` answers them: times are text, in ISO 8601."""
        return _in_json(await _in_thread(sync_statistics))

    async def get_failed_syncs(self, limit: int = 50) -> list[dict[str, Any]]:
        """Failed items, the latest first; ids and times are text."""
        return _in_json(await _in_thread(lambda: failed_syncs(limit)))

    async def retry_failed_sync(self, sync_id: str | UUID) -> bool:
        """Puts a failed item back to the queue. Returns False if there is none with that id, or it has not failed."""
        try:
            return (await _in_thread(lambda: retry_failed_sync(UUID(str(sync_id)))))[0]
        except (SyncQueueItem.DoesNotExist, ValueError):
            return False

    async def get_rules(self, configuration_id: str | UUID) -> dict[str, Any]:
        """The rules of a destination that are in force: `version` and `rules`, as change_rules takes them."""
        rules = await _in_thread(lambda: rules_of(_id(configuration_id)))
        return {"version": rules.version, "rules": documents(rules.rules)}

    async def change_rules(
        self, configuration_id: str | UUID, rules: list[dict[str, Any]], version: int, author: str = "the application"
    ) -> int:
        """Puts these rules in place of all, if `version` is in force still. Returns the version that there is then.

        Raises RulesError and StaleRulesError of sync.rules and sync.operations.
        """
        where = _id(configuration_id)
        changed = await _in_thread(lambda: change_rules(where, rules, author=author, expected_version=version))
        return changed.rules.version

    async def preview_rules(
        self, configuration_id: str | UUID, execution_id: str, rules: list[dict[str, Any]] | None = None
    ) -> dict[str, Any]:
        """What these rules, or those in force, make of an execution, as the API answers it. Nothing is loaded."""

        def preview() -> dict[str, Any]:
            configuration = SnowflakeConfiguration.objects.get(pk=_id(configuration_id))
            draft = None if rules is None else draft_of(configuration.pk, rules)
            return preview_rules(configuration, execution_id, draft).as_json()

        return _in_json(await _in_thread(preview))

    async def reload_earlier(self, configuration_id: str | UUID, confirmed: int | None = None) -> int:
        """How many executions would be loaded again that went by earlier rules; with a number: at most so many are."""

        def apply() -> int:
            what = Loaded(_id(configuration_id))
            found = count_effect(what)
            if confirmed is None:
                return found.earlier
            return reload_earlier(what, version=found.version, as_of=found.as_of, wanted=confirmed).changed

        return await _in_thread(apply)

    def _new_worker(self) -> Worker:
        return Worker(Options(concurrency=self.max_concurrent_syncs, check_interval=self.check_interval))


def _id(given: str | UUID) -> UUID:
    return UUID(str(given))


def _in_json(answer: Result) -> Result:
    """The same answer with text for ids and times."""
    plain: Result = json.loads(json.dumps(answer, cls=JSONEncoder))
    return plain


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Runs the work in a thread, whose connection to PostgreSQL ends with the thread."""

    def run() -> Result:
        try:
            return work()
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


universal_snowflake_sync_service = UniversalSnowflakeSyncService()
