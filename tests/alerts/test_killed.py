"""Whoever looks and sends is killed at each step: what happened is told, at most twice, and nothing else is."""

import subprocess  # noqa: F401 - it starts processes: tests.markers goes by that
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.alerts.installed import STEPS, Installed, listening
from tests.chaos.waiting import until
from tests.installation.databases import NewDatabase

CLOSED = "Destination ONE works again"
# The other steps are long.
FEW = {"closing", "committing", "recording"}


@pytest.fixture
def installed(new_database: NewDatabase) -> Iterator[Installed]:
    with listening() as ears:
        made = Installed(new_database(installed=True), ears)
        made.make_people()
        yield made


def told(sent: list[tuple[str, str]], *, double: bool = False) -> list[str]:
    """The subjects in order, each id once; no message came oftener than that."""
    times = Counter(sent)
    assert max(times.values(), default=0) <= (2 if double else 1), times
    assert len({id_ for id_, _ in sent}) == len(times)
    return [subject for _, subject in dict.fromkeys(sent)]


@pytest.mark.parametrize("step", [pytest.param(step, marks=() if step in FEW else pytest.mark.long) for step in STEPS])
def test_killed_at_each_step_all_is_told_and_at_most_twice(installed: Installed, step: str) -> None:
    installed.pause(0)
    _killed_at(step, installed)
    installed.send()
    installed.resume(0)
    _killed_at(step, installed)
    for _ in range(3):
        installed.send()
    for sent in (installed.listening.hooks, installed.listening.mails):
        first, last = told(sent, double=True)
        assert first.startswith("Destination ONE is paused: ")
        assert last == CLOSED


def test_killed_while_the_receiver_thinks_it_is_told_twice_with_one_id(installed: Installed) -> None:
    installed.pause(0)
    installed.listening.answers.clear()
    process = installed.start("send_alerts")
    until(lambda: installed.listening.hooks, "the message has come")
    process.kill()
    process.communicate()
    installed.listening.answers.set()
    installed.send()
    (one,) = told(installed.listening.hooks, double=True)
    assert one.startswith("Destination ONE is paused: ")
    assert len(installed.listening.hooks) == 2


def _killed_at(step: str, installed: Installed) -> None:
    """A look is killed in this step; it ends by itself if it does not come there."""
    installed.hold(step)
    process = installed.start("send_alerts")
    until(lambda: installed.held() or process.poll() is not None, f"a process waits in {step}, or is ready")
    process.kill()
    process.communicate()
    installed.release()


@pytest.mark.long
def test_many_who_look_and_send_at_once_tell_once(installed: Installed) -> None:
    for number, change in enumerate((installed.pause, installed.resume)):
        change(0)
        for _ in range(1 + number):
            everyone = [installed.start("send_alerts", SYNC_CHECK_INTERVAL="0.001") for _ in range(5)]
            for process in everyone:
                said, _ = process.communicate(timeout=120)
                assert process.returncode == 0, said
    installed.send()
    for sent in (installed.listening.hooks, installed.listening.mails):
        assert [subject.partition(":")[0] for subject in told(sent)] == ["Destination ONE is paused", CLOSED]


def test_what_happens_while_nobody_listens_is_told_in_order_afterwards(installed: Installed) -> None:
    installed.listening.up = False
    installed.pause(0)
    installed.send()
    installed.pause(1)
    installed.send()
    installed.resume(0)
    for _ in range(3):
        installed.send()
    assert installed.listening.hooks == installed.listening.mails == []
    assert installed.database.rows("SELECT count(*) FROM snowflake_sync_alert_channels WHERE last_error <> ''") == [
        (2,)
    ]
    installed.listening.up = True
    installed.send()
    for sent in (installed.listening.hooks, installed.listening.mails):
        subjects = [subject.partition(":")[0] for subject in told(sent)]
        assert sorted(subjects) == ["Destination ONE is paused", CLOSED, "Destination TWO is paused"]
        assert subjects.index("Destination ONE is paused") < subjects.index(CLOSED)
    assert installed.database.rows("SELECT count(*) FROM snowflake_sync_alert_channels WHERE last_error <> ''") == [
        (0,)
    ]


@pytest.mark.parametrize("command", [("run_sync_worker",), ("run_sync_web", "--listen", "127.0.0.1:0")])
def test_a_worker_tells_and_a_web_server_where_there_is_none(installed: Installed, command: tuple[str, ...]) -> None:
    installed.pause(0)
    process = installed.start(*command)
    try:
        until(lambda: installed.listening.hooks and installed.listening.mails, "both are told")
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        said, _ = process.communicate()
    assert "Traceback" not in said
    for sent in (installed.listening.hooks, installed.listening.mails):
        assert [subject.partition(":")[0] for subject in told(sent)] == ["Destination ONE is paused"]


def test_a_worker_goes_on_where_alerts_cannot_be_kept(installed: Installed) -> None:
    installed.pause(0)
    installed.database.run("ALTER TABLE snowflake_sync_alert_looks RENAME TO elsewhere")
    process = installed.start("run_sync_worker")
    assert process.stdout
    try:
        said = next(line for line in process.stdout if "alerts" in line)
        assert "PostgreSQL did not take what alerts need, trying again: relation" in said
        installed.database.run("ALTER TABLE elsewhere RENAME TO snowflake_sync_alert_looks")
        until(lambda: installed.listening.hooks, "the webhook is told")
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_a_process_that_ends_waits_for_no_receiver(installed: Installed) -> None:
    installed.pause(0)
    installed.listening.answers.clear()
    process = installed.start("run_sync_worker")
    try:
        until(lambda: installed.listening.hooks, "the message has come")
        process.terminate()
        # The receiver thinks for a minute.
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    installed.listening.answers.set()
    installed.send()
    assert len(told(installed.listening.hooks, double=True)) == 1
