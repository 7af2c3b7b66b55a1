"""What is said of which facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.models import Workflow
from sync.reporting.error_groups import ErrorGroup
from sync.reporting.verdict import Facts, Level, Pause, judge

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WELL = Facts(now=NOW, total=100, live_workers=2)
PAUSE = Pause(
    "Ada's warehouse", "Snowflake refused the log-in.", NOW - timedelta(minutes=23), NOW + timedelta(minutes=12)
)
PAUSED = "Ada's warehouse has been paused for 23 min: Snowflake refused the log-in."

GROUP = ErrorGroup(
    code="value_does_not_fit",
    owner=None,
    workflow=Workflow(workflow_id="w", name="Campaign performance"),
    destination=None,
    count=5,
    first_at=NOW,
    last_at=NOW,
    last_hour=2,
    last_day=5,
    curve=(3, 2),
    latest="e",
)


@pytest.mark.parametrize(
    ("facts", "level", "headline"),
    [
        (WELL, "good", "All synced. Nothing is waiting."),
        (replace(WELL, waiting=3, lag=12.4), "good", "All synced. The oldest waiting run: 12 s."),
        (replace(WELL, waiting=3), "good", "All synced. 3 loads wait for their time."),
        (replace(WELL, processing=1), "good", "All synced. 1 load is under way."),
        (replace(WELL, processing=2), "good", "All synced. 2 loads are under way."),
        (replace(WELL, total=0), "good", "Nothing has been queued yet."),
        (replace(WELL, failed=3), "good", "All synced. Nothing is waiting."),
        (replace(WELL, failed=3, failed_last_hour=1), "attention", "1 load failed in the last hour."),
        (replace(WELL, live_workers=0), "attention", "No worker is running. Start one: manage.py run_sync_worker."),
        (
            replace(WELL, live_workers=0, waiting=1),
            "bad",
            "No worker is running and 1 load waits. Start one: manage.py run_sync_worker.",
        ),
        (
            replace(WELL, live_workers=0, waiting=4, processing=1, lag=5000),
            "bad",
            "No worker is running and 5 loads wait. Start one: manage.py run_sync_worker.",
        ),
        (
            replace(WELL, silent_workers=1),
            "attention",
            "1 worker stopped without signing off. What they held is given to others; their logs say more.",
        ),
        (replace(WELL, waiting=1, lag=119), "good", "All synced. The oldest waiting run: 119 s."),
        (
            replace(WELL, waiting=1, lag=840, lag_where="Ada's warehouse"),
            "attention",
            "The oldest due run for Ada's warehouse has been waiting for 14 min.",
        ),
        (
            replace(WELL, waiting=1, lag=960),
            "bad",
            "The oldest due run has been waiting for 16 min. Start more workers, or look at their logs.",
        ),
        (
            replace(WELL, waiting=1, lag=310, too_late=300),
            "bad",
            "The oldest due run has been waiting for 5 min. Start more workers, or look at their logs.",
        ),
        (
            replace(WELL, pauses=(PAUSE,), paused=1),
            "attention",
            f"{PAUSED} It is tried again in 12 min.",
        ),
        (
            replace(WELL, pauses=(replace(PAUSE, remedy="Enter a valid password."),), paused=1),
            "attention",
            f"{PAUSED} Enter a valid password. It is tried again in 12 min.",
        ),
        (
            replace(WELL, pauses=(Pause("B", "Off."),), paused=1),
            "attention",
            "B is paused: Off. It is not tried again before something is changed.",
        ),
        (
            replace(WELL, pauses=(Pause("B", "Off", None, NOW),), paused=1),
            "attention",
            "B is paused: Off. It is tried again now.",
        ),
        (
            replace(WELL, waiting=3, pauses=(Pause("B", "Paused by hand.", by_hand=True),), paused=1),
            "good",
            "All synced, except what was paused by hand.",
        ),
        (
            replace(WELL, pauses=(Pause("B", "A key.", code="key_not_registered"),), paused=1),
            "good",
            judge(WELL).headline,
        ),
        (
            replace(WELL, waiting=3, pauses=(Pause("B", "A key.", code="key_not_registered", waiting=3),), paused=1),
            "good",
            "All synced, except what is for a destination that is not connected yet.",
        ),
        (
            replace(WELL, homeless=48, of_one=True),
            "attention",
            "48 results wait for a destination that is on. Connect Snowflake, or switch one on.",
        ),
        (
            replace(WELL, failed=3, failed_last_hour=3, failing=(GROUP,)),
            "attention",
            f"2 runs of Campaign performance failed in the last hour. {GROUP.meaning}",
        ),
        (replace(WELL, homeless=1), "good", "All synced, except what has no destination yet."),
        (replace(WELL, switched_off=2), "good", "All synced, except what is switched off."),
        (replace(WELL, excluded=9), "good", "All synced, except what rules exclude."),
    ],
)
def test_the_headline(facts: Facts, level: str, headline: str) -> None:
    verdict = judge(facts)
    assert (verdict.level, verdict.headline) == (level, headline)


def test_the_worst_comes_first_and_the_rest_below() -> None:
    facts = replace(WELL, live_workers=0, waiting=2, failed=9, failed_last_hour=2, pauses=(PAUSE,), paused=1)
    verdict = judge(facts)
    assert verdict.level is Level.BAD
    assert [point.about for point in verdict.points] == ["workers", "pause", "errors", "errors"]
    assert verdict.points[0].said == verdict.headline
    assert [point.about for point in verdict.others] == ["pause", "errors", "errors"]
    assert verdict.points[-1].text == "7 loads failed earlier and wait for somebody."
    assert verdict.points[-1].level is Level.GOOD


def test_what_is_held_for_a_new_column_says_who_has_to_decide() -> None:
    verdict = judge(replace(WELL, failed=3, held=2))
    assert verdict.points[-1].text == (
        "2 failed loads are held for new columns: decide in the rules of the destination, and they go on."
    )
    assert judge(replace(WELL, failed=3)).points == verdict.points[:-1]


def test_only_some_pauses_are_named() -> None:
    verdict = judge(replace(WELL, pauses=tuple(Pause(str(n), "Off.") for n in range(5)), paused=40))
    said = [point.text for point in verdict.points]
    assert len(said) == 4
    assert said[-1] == "37 more destinations are paused."


def test_a_pause_by_hand_is_told_with_who_did_it_and_what_waits() -> None:
    pause = replace(PAUSE, by_hand=True, by="ada@example.com", waiting=32)
    (point,) = judge(replace(WELL, pauses=(pause,), paused=1)).points
    assert point.level is Level.GOOD
    said = "Ada's warehouse was paused by ada@example.com 23 min ago. 32 runs wait. It goes on when resumed."
    assert point.said == said


def test_what_is_named_is_not_counted_again() -> None:
    verdict = judge(replace(WELL, failed=9, failed_last_hour=3, failing=(GROUP,)))
    assert [point.text for point in verdict.others] == [
        "1 more load failed in the last hour.",
        "6 loads failed earlier and wait for somebody.",
    ]
