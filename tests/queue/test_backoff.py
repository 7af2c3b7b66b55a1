from hypothesis import given
from hypothesis import strategies as st

from sync.queue.backoff import delay


@given(retry=st.integers(-5, 10_000), spread=st.floats(0, 1))
def test_it_stays_between_nothing_and_the_cap(retry: int, spread: float) -> None:
    assert 0 <= delay(retry, base=2, cap=300, spread=spread) <= 300


def test_it_doubles_up_to_the_cap() -> None:
    assert [delay(retry, base=2, cap=30, spread=1) for retry in range(1, 7)] == [2, 4, 8, 16, 30, 30]


def test_it_is_spread_over_the_whole_interval() -> None:
    drawn = {round(delay(5, base=1, cap=100)) for _ in range(2_000)}
    assert min(drawn) <= 1
    assert max(drawn) >= 15
