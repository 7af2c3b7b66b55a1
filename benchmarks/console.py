"""What a console takes with a million items and as many attempts, over HTTP, as a browser asks for it.

The web server; one client, logged in as staff, as somebody with half of all items, as one with few.
"""

import http.client
import re
import statistics
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.api import LARGE, SMALL, STAFF, fill, server
from benchmarks.common import Figure, at_most, reported
from benchmarks.installation import MANAGE, Installation, installation

ROUNDS = 30
BAR = 300.0  # milliseconds
PASSWORD = "a password of the benchmark"

_ATTEMPTS = """
INSERT INTO snowflake_sync_attempts (
    item_id, configuration_id, worker_id, outcome, due_at, started_at, finished_at, timings, row_count, byte_count,
    statement_count, error_code
)
SELECT
    id, configuration_id, 1 + random() * 9,
    CASE status WHEN 'completed' THEN 'completed' WHEN 'failed' THEN 'failed' ELSE 'retry' END,
    updated_at - random() * interval '20 seconds', updated_at - random() * interval '2 seconds', updated_at,
    '{"extract": 12.5, "connect": 0.1, "load": 800}', 100, 4000, 3,
    CASE status WHEN 'completed' THEN NULL WHEN 'failed' THEN 'value_does_not_fit' ELSE 'session_lost' END
FROM snowflake_sync_queue
ORDER BY updated_at
"""
_WORKERS = """
INSERT INTO snowflake_sync_workers (host, pid, concurrency, heartbeat_at)
SELECT 'host' || number, number, 5, now() + interval '1 hour' FROM generate_series(1, 50) AS number
"""
# A rare error among a hundred thousand failures, and one destination that is paused.
_RARE = """
UPDATE snowflake_sync_queue SET error_code = 'table_not_ours'
WHERE id IN (SELECT id FROM snowflake_sync_queue WHERE status = 'failed' ORDER BY id LIMIT 20);
UPDATE snowflake_sync_destination_states SET breaker_state = 'open', breaker_code = 'login_refused'
WHERE configuration_id = (SELECT id FROM snowflake_configurations ORDER BY id LIMIT 1);
"""
_CATCH_UP = (
    "import time; from sync.reporting import history; began = time.monotonic(); history.catch_up(); "
    "print(time.monotonic() - began)"
)


@dataclass
class Page:
    """An address, who asks, and the milliseconds that each answer took."""

    name: str
    path: str
    who: str
    took: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return statistics.quantiles(self.took, n=20)[-1]

    @property
    def detail(self) -> str:
        """For the figure."""
        middle = statistics.median(self.took)
        return f"p50 {middle:.0f}, p95 {self.p95:.0f}, max {max(self.took):.0f} ms of {len(self.took)} requests"


class Browser:
    """One connection, and a cookie for each who is logged in."""

    def __init__(self, client: http.client.HTTPConnection) -> None:
        self._client = client
        self._cookies: dict[str, str] = {}

    def log_in(self, email: str) -> None:
        form, cookie = self._ask("GET", "/log-in", "")
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        fields = {"csrfmiddlewaretoken": found[1] if found else "", "username": email, "password": PASSWORD}
        _, self._cookies[email] = self._ask("POST", "/log-in", cookie, urlencode(fields))

    def get(self, page: Page) -> float:
        """Milliseconds."""
        started = time.perf_counter()
        self._ask("GET", page.path, self._cookies[page.who])
        return (time.perf_counter() - started) * 1000

    def _ask(self, method: str, path: str, cookie: str, body: str | None = None) -> tuple[str, str]:
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self._client.request(method, path, body, headers)
        answer = self._client.getresponse()
        text = answer.read().decode()
        # It says rightly that items have been waiting for days.
        expected = 302 if body else 503 if path == "/readyz" else 200
        if answer.status != expected:
            raise RuntimeError(f"{path} answered {answer.status}: {text[:500]}")
        return text, "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or ())


def measure(rounds: int) -> list[Figure]:
    """The 95th percentile of each page, and what the history of a million attempts takes to be added up at first."""
    with installation("") as installed:
        fill(installed)
        with installed.connection.cursor() as cursor:
            for statement in (_RARE, _ATTEMPTS, _WORKERS, "VACUUM ANALYZE"):
                cursor.execute(statement)
        seconds = float(_manage(installed, "shell", "--no-imports", "-c", _CATCH_UP))
        for email in (STAFF, LARGE, SMALL):
            command = "grant_admin" if email == STAFF else "set_password"
            _manage(installed, command, email, "--password-stdin", given=f"{PASSWORD}\n")
        with server(installed) as port, closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
            pages = _asked(Browser(client), ROUNDS * min(rounds, 3))
    return [
        reported("console: adding up a million attempts, once", seconds, "s", "10,000 at once"),
        *(at_most(f"console: {page.name}, p95", page.p95, "ms", BAR, page.detail) for page in pages),
    ]


def _asked(browser: Browser, rounds: int) -> list[Page]:
    who = {"staff": STAFF, "half of all items": LARGE, "few items": SMALL}
    for email in who.values():
        browser.log_in(email)
    pages = [
        Page(f"{name}, {words}", path, email)
        for words, email in who.items()
        for name, path in (
            ("the first page", "/"),
            ("runs", "/runs"),
            ("runs of today", "/runs?when=today"),
            ("errors in groups", "/errors"),
            ("failed runs", "/runs?status=failed"),
            ("runs of a rare error", "/runs?status=failed&code=table_not_ours"),
            ("waiting runs", "/runs?status=pending"),
            ("runs of a workflow", "/runs?q=Workflow"),
            ("runs by the beginning of an id", "/runs?q=abcd"),
            ("confirming a retry of a rare error", "/retry?code=table_not_ours"),
        )
    ]
    pages.append(Page("workers, staff", "/workers", STAFF))
    pages.append(Page("metrics, staff", "/metrics", STAFF))
    pages.append(Page("readyz", "/readyz", STAFF))
    for page in pages:
        browser.get(page)
    for _ in range(rounds):
        for page in pages:
            page.took.append(browser.get(page))
    return pages


def _manage(installed: Installation, *arguments: str, given: str = "") -> str:
    command = [sys.executable, str(MANAGE), *arguments]
    done = subprocess.run(
        command, env=installed.environment, input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()
