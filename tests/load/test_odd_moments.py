from datetime import UTC, date, datetime

import pytest
from django.db import connection

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("4714-11-24 00:00:00+00 BC", FIRST),
        ("0044-03-15 10:00:00+00 BC", FIRST),
        ("0001-12-31 23:59:59.999999+00 BC", FIRST),
        ("-infinity", FIRST),
        ("0001-01-01 00:00:00+00", FIRST),
        ("0001-01-01 00:00:00+14", FIRST),
        ("2024-02-29 12:30:00.5+00", datetime(2024, 2, 29, 12, 30, 0, 500_000, UTC)),
        ("9999-12-31 23:59:59.999999+00", LAST),
        ("9999-12-31 23:30:00-10", LAST),
        ("20107-05-10 00:00:00+00", LAST),
        ("294276-12-31 23:59:59.999999+00", LAST),
        ("infinity", LAST),
    ],
)
def test_every_moment_of_postgresql_is_read(text: str, moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %(t)s::timestamptz, %(t)s::timestamptz::timestamp, %(t)s::timestamptz::date", {"t": text}
        )
        assert cursor.fetchone() == (moment, moment, moment.date())
        cursor.execute("SELECT NULL::timestamptz, NULL::timestamp, NULL::date, '5874897-12-31'::date")
        assert cursor.fetchone() == (None, None, None, date.max)
