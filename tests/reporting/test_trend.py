"""Whether more fails than usual, in words."""

import pytest

from sync.reporting import Trend


@pytest.mark.parametrize(
    ("failed", "before", "tried", "text"),
    [
        (23, 4, 100, "More than usual: 23 attempts failed in the last 24 hours, 4 in the same hours a week before."),
        (1, 40, 100, "Fewer than usual: 1 attempt failed in the last 24 hours, 40 in the same hours a week before."),
        (41, 40, 100, "As usual: 41 attempts failed in the last 24 hours, 40 in the same hours a week before."),
        (2, 0, 100, "As usual: 2 attempts failed in the last 24 hours, 0 in the same hours a week before."),
        (5, 0, 0, "5 attempts failed in the last 24 hours; a week before, nothing was loaded in these hours."),
        (0, 0, 100, ""),
    ],
)
def test_it_is_said_beside_a_week_before(failed: int, before: int, tried: int, text: str) -> None:
    assert Trend(failed, before, tried).text == text
