"""A check asks Snowflake when the token ends that it came in with; the local Snowflake has no tokens."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration
from sync.snowflake.session import Session
from sync.snowflake.session.connection import Answer
from tests.destinations.checking import run
from tests.world import World

ENDS = datetime(2026, 12, 24, 23, tzinfo=UTC)
Method = SnowflakeConfiguration.AuthMethod


def answering(monkeypatch: pytest.MonkeyPatch, *rows: dict[str, Any]) -> list[str]:
    """SHOW answers with these; which statements of the kind were sent."""
    execute, sent = Session.execute, []

    def answer(self: Session, sql: str, *rest: Any, **more: Any) -> Answer:
        if "PROGRAMMATIC" not in sql:
            return execute(self, sql, *rest, **more)
        sent.append(sql)
        return Answer(tuple(rows), "query", len(rows))

    monkeypatch.setattr(Session, "execute", answer)
    return sent


def token(status: str = "ACTIVE", ends: datetime = ENDS) -> dict[str, Any]:
    return {"name": "SYNC", "status": status, "expires_at": ends}


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([token()], ENDS.date()),
        ([token(), token("EXPIRED", ENDS - timedelta(days=90))], ENDS.date()),
        ([token(), token(ends=ENDS + timedelta(days=1))], date(2026, 1, 1)),
        ([], date(2026, 1, 1)),
    ],
)
def test_the_end_of_the_only_token_is_noted(
    world: World, monkeypatch: pytest.MonkeyPatch, rows: list[dict[str, Any]], known: date
) -> None:
    answering(monkeypatch, *rows)
    world.configuration.set_secret(Method.ACCESS_TOKEN, "not-a-real-token")
    world.configuration.secret_ends_on = date(2026, 1, 1)
    world.configuration.save()
    assert run(world).checked.passed
    world.configuration.refresh_from_db()
    assert world.configuration.secret_ends_on == known


def test_a_key_has_no_end_and_what_cannot_be_asked_is_no_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.configuration.set_secret(Method.ACCESS_TOKEN, "not-a-real-token")
    world.configuration.save()
    # The local Snowflake refuses the statement.
    assert run(world).checked.passed
    sent = answering(monkeypatch)
    world.configuration.set_secret(Method.PASSWORD, "not-a-real-password")
    world.configuration.save()
    assert run(world).checked.passed
    assert sent == []
