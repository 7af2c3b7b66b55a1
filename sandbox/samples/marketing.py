"""Results of marketing-analytics workflows. Decimals are JSON numbers of two digits, as computed."""

import json
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sandbox.samples.execution import SampleExecution, as_arrays, columns

_CAMPAIGNS = [
    "Spring Sale",
    "Größter Schlussverkauf",
    "夏のセール",
    "Čerstvé novinky",
    "Black Friday 🖤",
    'The "Big" One',
    "Q4; retargeting, all",
    "Two\nlines",
    "back\\slash",
    "Mother's Day",
    "",
]
_CHANNELS = ["search", "social", "email", "display", "affiliate", None]
_EVENTS = ["impression", "click", "sign_up", "purchase"]
_START = date(2025, 1, 1)


def campaign_performance(random: Random) -> SampleExecution:
    """Figures of campaigns by day; rows are objects."""
    return SampleExecution("Campaign performance", _PERFORMANCE, _performance(random))


def channel_mix(random: Random) -> SampleExecution:
    """The same figures; rows are arrays."""
    rows = as_arrays(_PERFORMANCE, _performance(random))
    return SampleExecution("Channel mix", _PERFORMANCE, rows)


def user_journeys(random: Random) -> SampleExecution:
    """Nested JSON, and instants with a time zone."""
    rows = [_journey(random, number) for number in range(1, random.randint(10, 80))]
    return SampleExecution("User journeys", _JOURNEYS, rows)


def attribution(random: Random) -> SampleExecution:
    """Weights that sum to one, exactly; text of any kind; keys that a row may lack."""
    rows = []
    for _ in range(random.randint(5, 40)):
        row: dict[str, Any] = {
            "Campaign Name": random.choice(_CAMPAIGNS),
            "weight": random.randint(0, 10**6) / 10**6,
            "conversions": random.choice([None, random.randint(0, 10**12)]),
            "notes": random.choice([None, "", "NULL", "\\N", "checked", "émoji 🎯\ttab"]),
        }
        if random.random() < 0.2:
            del row["notes"]
        rows.append(row)
    return SampleExecution("Attribution model", _ATTRIBUTION, rows)


def empty_segment(random: Random) -> SampleExecution:
    """A segment that nobody is in: columns, no rows."""
    return SampleExecution(f"Segment {random.randint(1, 9)}", _JOURNEYS, [])


_PERFORMANCE = columns(
    campaign="string",
    day="date",
    channel="string",
    impressions="integer",
    clicks="integer",
    spend="decimal(12,2)",
    ctr="float",
    active="boolean",
    updated_at="timestamp",
)
_JOURNEYS = columns(
    user_id="string",
    first_seen="timestamp with time zone",
    local_time="time",
    steps="integer",
    revenue="decimal",
    journey="json",
)
_ATTRIBUTION = [
    *columns(**{"Campaign Name": "string", "weight": "decimal", "conversions": "bigint"}),
    *columns(notes="text"),
]


def _performance(random: Random) -> list[dict[str, Any]]:
    return [_day(random) for _ in range(random.randint(20, 150))]


def _day(random: Random) -> dict[str, Any]:
    impressions = random.randint(0, 2_000_000)
    clicks = random.randint(0, impressions // 20)
    updated = datetime(2025, 6, 1, tzinfo=UTC) + timedelta(seconds=random.randint(0, 10**7))
    return {
        "campaign": random.choice(_CAMPAIGNS),
        "day": (_START + timedelta(days=random.randint(0, 364))).isoformat(),
        "channel": random.choice(_CHANNELS),
        "impressions": impressions,
        "clicks": clicks,
        "spend": random.randint(0, 5_000_000) / 100,
        "ctr": round(clicks / impressions, 6) if impressions else None,
        "active": random.choice([True, False, None]),
        "updated_at": updated.strftime("%Y-%m-%d %H:%M:%S"),
    }


def _journey(random: Random, number: int) -> dict[str, Any]:
    first = datetime(2025, 3, 1, tzinfo=UTC) + timedelta(microseconds=random.randint(0, 10**13))
    touches = [_touch(random, first) for _ in range(random.randint(1, 6))]
    return {
        "user_id": f"user-{number:05}",
        "first_seen": first.isoformat(),
        "local_time": first.strftime("%H:%M:%S"),
        "steps": len(touches),
        "revenue": random.choice([None, 0, random.randint(1, 10**6) / 10**3]),
        "journey": random.choice([None, {"touches": touches, "device": {"os": "iOS", "v": [17, 4]}}]),
    }


def _touch(random: Random, first: datetime) -> dict[str, Any]:
    return {
        "at": (first + timedelta(minutes=random.randint(0, 9999))).isoformat(),
        "event": random.choice(_EVENTS),
        "campaign": random.choice(_CAMPAIGNS),
        "payload": json.loads('{"value": 12.50, "tags": ["a", null, true], "é": "ü"}'),
    }
