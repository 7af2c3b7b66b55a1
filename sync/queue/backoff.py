"""How long to wait before another try."""

import random


def delay(retry: int, *, base: float = 2.0, cap: float = 300.0, spread: float | None = None) -> float:
    """Seconds to wait before retry number `retry` (1 is the first): exponential, capped, with full jitter.

    Full jitter spreads the retries of items that failed together over the whole interval, so that they do
    not come back together. `spread` (0 to 1) stands in for the random number.
    """
    ceiling = min(cap, base * 2.0 ** min(max(retry, 1) - 1, 32))
    return ceiling * (random.random() if spread is None else spread)  # noqa: S311 - jitter, not a secret
