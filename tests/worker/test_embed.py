"""The async face, and the documentation's snippets."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync.embed import UniversalSnowflakeSyncService, universal_snowflake_sync_service
from sync.models import SyncQueueItem, SyncRuleVersion, WorkflowExecution
from sync.operations import StaleRulesError, rules_of
from tests.chaos.waiting import until
from tests.world import World

COLUMNS = [("clicks", "integer")]
ROOT = Path(__file__).resolve().parents[2]
SNIPPETS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)


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
        await asyncio.wait_for(task, 60)
        assert not service.is_running

    asyncio.run(asyncio.wait_for(use(), 180))
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


def test_the_calls_of_the_documentation_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.complete(COLUMNS, [["many"]], execution_id="an-execution-id")
    world.work()
    _run(SNIPPETS[1])
    assert capsys.readouterr().out.strip() == "0"
    assert WorkflowExecution.objects.get().snowflake_status == "failed"


def test_the_rules_of_the_documentation_are_changed_and_applied(world: World) -> None:
    world.complete([("email", "string")], [["ada@example.com"]], execution_id="an-execution-id")
    world.work()
    _run(SNIPPETS[2], destination_id=str(world.configuration.pk))
    rules = rules_of(world.configuration.pk)
    assert [(rule.name, rules.version, rules.hash_key) for rule in rules.rules] == [("e-mails", 1, 1)]
    assert SyncRuleVersion.objects.get().author == "deployment"
    assert SyncQueueItem.objects.get().status == "pending"
    with pytest.raises(StaleRulesError):
        asyncio.run(universal_snowflake_sync_service.change_rules(world.configuration.pk, [], 0))
    assert asyncio.run(universal_snowflake_sync_service.reload_earlier(world.configuration.pk)) == 0


def _run(snippet: str, **names: object) -> None:
    body = "\n".join(f"    {line}" for line in snippet.splitlines())
    exec(f"import asyncio\nasync def snippet():\n{body}\nasyncio.run(snippet())", names)


def test_what_it_answers_is_json(world: World) -> None:
    world.complete(COLUMNS, [["many"]])
    world.work()
    service = UniversalSnowflakeSyncService()
    answers = [asyncio.run(service.get_sync_stats()), asyncio.run(service.get_failed_syncs())]
    assert json.loads(json.dumps(answers)) == answers


@pytest.fixture
def host(world: World, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the documentation's application, in a process of its own; FastAPI is Starlette's heir."""
    lifespan = SNIPPETS[0]
    program = lifespan.replace("from fastapi import FastAPI", "from starlette.applications import Starlette as FastAPI")
    (tmp_path / "host.py").write_text(program)
    environment = world.environment | {"PYTHONPATH": str(ROOT)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    started = []

    def start(**more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "uvicorn", "--port", "0", "host:app"]
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(command, cwd=tmp_path, env=environment | more, stdout=pipe, stderr=pipe, text=True)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_host_runs_a_worker_and_stops_with_it(world: World, host: Callable[..., subprocess.Popen[str]]) -> None:
    execution = world.complete(COLUMNS, [[1]])
    process = host()
    until(SyncQueueItem.objects.filter(status="completed").exists, "the host's worker loads the execution")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Application shutdown complete" in said
    assert "Traceback" not in said
    assert world.rows(execution) == [(1,)]


def test_a_host_without_a_setting_is_told_which(host: Callable[..., subprocess.Popen[str]]) -> None:
    process = host(DEBUG="false")
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "FIELD_ENCRYPTION_KEYS is not set" in said
