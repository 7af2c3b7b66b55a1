"""Whatever stands in an address or a form of the console: an answer, and no fault of the server's."""

from typing import Any

import pytest

from accounts.models import User
from tests.long import first
from tests.security.conftest import client_of
from tests.security.test_access_matrix import PAGES, filled, things

__all__ = ["things"]
NAMES = (
    *(
        "q",
        "page",
        "cursor",
        "after",
        "before",
        "since",
        "until",
        "day",
        "status",
        "error_code",
        "workflow",
        "destination",
    ),
    *("user", "run", "ticked", "window", "who", "face", "action", "about", "all", "rows", "execution", "item", "next"),
    *(
        "act",
        "version",
        "warned",
        "note",
        "why",
        "to",
        "how_long",
        "date",
        "unmute",
        "part",
        "step",
        "queue",
        "on",
        "change",
    ),
    *(
        "first",
        "last",
        "of",
        "force",
        "limit",
        "as_of",
        "wanted",
        "after_at",
        "after_id",
        "id-0",
        "on-0",
        "new-0",
        "key-0",
    ),
    *("do-0", "to-0", "column-0", "operator-0", "value-0", "how", "added-name", "added-from", "added-value", "rules"),
    *(
        "latest",
        "activate",
        "name",
        "lasts",
        "time_zone",
        "theme",
        "old",
        "password",
        "again",
        "username",
        "as",
        "file",
    ),
    *("account_identifier", "warehouse", "database", "schema", "role", "auth_method", "min_interval", "layout", "kind"),
)
VALUES = (
    "a\0b",
    "9" * 400,
    # A digit to Python, and to nobody else.
    "\u0663",
    "<script>alert(1)</script>\r\nSet-Cookie: a=b",
    "//evil.example.com",
    "x" * 70_000,
    "9999-12-31T23:59:59Z",
)
# What answers 503 where no worker is alive; and what would end the session, or ask Snowflake.
NOT_TRIED = (
    "admin",
    "readyz",
    "log-out",
    "connect/<uuid:configuration_id>/check",
    "destinations/<uuid:configuration_id>/key",
    "destinations/<uuid:configuration_id>/credits",
)


@pytest.mark.parametrize("value", first(3, VALUES), ids=range(len(VALUES)))
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_value_is_a_fault(things: dict[str, Any], settings: Any, value: str, method: str) -> None:
    settings.API_RATES = {}
    owner = client_of(User.objects.get(pk=things["user"]))
    owner.raise_request_exception = False
    for route in PAGES:
        if route.startswith(NOT_TRIED):
            continue
        path = filled(route, things)
        answer = getattr(owner, method)(path, dict.fromkeys(NAMES, value))
        body = b"".join(answer)
        assert answer.status_code < 500, path
        is_page = answer.headers.get("Content-Type", "text/html").startswith("text/html")
        assert not (is_page and b"<script>alert(1)" in body), path
        assert "Set-Cookie: a" not in str(answer.headers), path
        assert "evil.example.com" not in answer.headers.get("Location", "").partition("?")[0], path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["X-Frame-Options"] == "DENY", path
        if answer.status_code == 200 and not route.startswith(("favicon", "healthz", "metrics")):
            assert "no-store" in answer.headers["Cache-Control"], path
