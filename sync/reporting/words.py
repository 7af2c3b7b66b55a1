"""Numbers and times, as people say them."""

from datetime import UTC, datetime

_SIZES = ("bytes", "kB", "MB", "GB", "TB", "PB")


def number(value: float) -> str:
    """`1,234`."""
    return f"{value:,.0f}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 item`, `1,234 items`."""
    return f"{number(count)} {one if count == 1 else many or f'{one}s'}"


def kept(rows: int | None, source_rows: int | None) -> str:
    """`12 rows`; `0 of 1,000 rows kept` where rules have left some out, or might have."""
    if source_rows is None:
        return counted(rows or 0, "row")
    return f"{number(rows or 0)} of {counted(source_rows, 'row')} kept"


def duration(seconds: float) -> str:
    """`350 ms`, `4.2 s`, `12 s`, `3 min`, `5 h`, `9 days`: as exact as people need it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    for size, name, until in ((1, "s", 120), (60, "min", 7_200), (3_600, "h", 172_800)):
        if seconds < until:
            return f"{seconds // size:.0f} {name}"
    return f"{number(seconds // 86_400)} days"


def ago(moment: datetime, now: datetime) -> str:
    """`12 s ago`, `in 3 min`, `now`."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 1:
        return "now"
    return f"{duration(int(seconds))} ago" if seconds > 0 else f"in {duration(int(-seconds) or 1)}"


def of_credits(value: float) -> str:
    """`12.4`, `1.6`, `0.017`: of little, too, so many as there are."""
    if 0 < value < 0.001:
        return "less than 0.001"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def size(count: float) -> str:
    """`512 bytes`, `1.3 MB`: powers of 1,000."""
    if count < 1000:
        return counted(int(count), "byte")
    power = 0
    while count >= 999.5 and power < len(_SIZES) - 1:
        count /= 1000
        power += 1
    return f"{count:.1f} {_SIZES[power]}" if count < 9.95 else f"{count:.0f} {_SIZES[power]}"


def exact(moment: datetime) -> str:
    """The moment to the second, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
