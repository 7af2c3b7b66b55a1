"""The async face, and the documentation's snippets."""

import asyncio
import re
import uuid
from pathlib import Path

import pytest

from sync.models import SyncQueueItem, WorkflowExecution
from sync.service import UniversalSnowflakeSyncService, universal_snowflake_sync_service
from tests.app.conftest import World

COLUMNS = [("clicks", "integer")]
API = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_it_has_the_documented_settings() -> None:
    service = UniversalSnowflakeSyncService(check_interval=7, max_concurrent_syncs=2)
    assert (service.check_interval, service.max_concurrent_syncs) == (7, 2)
    assert universal_snowflake_sync_service.check_interval == 30
    assert universal_snowflake_sync_service.max_concurrent_syncs == 5


def test_start_works_until_stop(world: World) -> None:
    execution = world.complete(COLUMNS, [[1]])

    async def use() -> None:
        service = UniversalSnowflakeSyncService()
        task = asyncio.create_task(service.start())
        while (await service.get_sync_stats()).get("completed", {}).get("count", 0) == 0:
            await asyncio.sleep(0.05)
        await service.start()
        assert service.is_running
        await service.stop()
        await asyncio.wait_for(task, 20)
        assert not service.is_running

    asyncio.run(asyncio.wait_for(use(), 60))
    assert world.rows(execution) == [(1,)]


def test_failures_are_listed_and_retried(world: World) -> None:
    execution = world.complete(COLUMNS, [["many"]])
    service = UniversalSnowflakeSyncService()

    async def use() -> None:
        assert (await service.process_sync_queue())["failed"] == 1
        (failure,) = await service.get_failed_syncs(limit=10)
        assert failure["execution_id"] == execution.execution_id
        assert failure["error_code"] == "value_does_not_fit"
        assert failure["user_email"] == world.user.email
        assert "retry" in failure["what_to_do"]
        assert await service.retry_failed_sync(failure["id"])
        assert not await service.retry_failed_sync(str(failure["id"]))
        assert not await service.retry_failed_sync(uuid.uuid4())
        assert not await service.retry_failed_sync("not an id")

    asyncio.run(use())
    assert SyncQueueItem.objects.get().status == "pending"


def test_one_execution_can_be_synced_by_hand(world: World) -> None:
    execution = world.complete(COLUMNS, [[1]])
    running = world.complete(COLUMNS, [[1]], status="running")
    service = UniversalSnowflakeSyncService()
    assert asyncio.run(service.sync_execution_to_snowflake(execution.execution_id)) is True
    assert world.rows(execution) == [(1,)]
    assert asyncio.run(service.sync_execution_to_snowflake(execution.execution_id)) is True
    assert asyncio.run(service.sync_execution_to_snowflake(running.execution_id)) is False
    assert asyncio.run(service.sync_execution_to_snowflake("unknown")) is False
    assert world.rows(execution) == [(1,)]


def test_the_snippet_of_the_documentation_runs(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.complete(COLUMNS, [["many"]], execution_id="an-execution-id")
    world.work()
    (snippet,) = re.findall(r"```python\n(.*?)```", API.read_text(), re.DOTALL)
    body = "\n".join(f"    {line}" for line in snippet.splitlines())
    namespace: dict[str, object] = {}
    exec(f"import asyncio\nasync def snippet():\n{body}\nasyncio.run(snippet())", namespace)
    assert capsys.readouterr().out.strip() == "0"
    assert WorkflowExecution.objects.get().snowflake_status == "failed"
