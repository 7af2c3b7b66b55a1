"""What the pages take with a million items and as many attempts, over HTTP, as a browser asks for them.

The web server; one client, logged in as staff, as somebody with half of all items, as one with few. Each answer says
how many statements it took; the same pages are asked for with a tenth of everything.
"""

import http.client
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.api import LARGE, SMALL, STAFF, server
from benchmarks.common import Figure, reported
from benchmarks.console_data import Known, fill_console
from benchmarks.console_pages import API, FILE, PAGE, addresses
from benchmarks.installation import MANAGE, Installation, installation

ROUNDS = 12
# So often are those asked for that take longer than so many milliseconds.
SLOW, FEW = 1_000.0, 3
# Milliseconds, and bytes of HTML.
BAR, HEAVY = 300.0, 60_000
# What is compared with: a tenth of everything.
SHARE = 10
PASSWORD = "a password of the benchmark"
_WHO = {"staff": STAFF, "half": LARGE, "few": SMALL}
_CATCH_UP = (
    "import time; from sync.reporting import history; began = time.monotonic(); history.catch_up(); "
    "print(time.monotonic() - began)"
)


@dataclass
class Page:
    """An address, who asks, and of each answer the milliseconds, PostgreSQL's share, bytes and statements."""

    name: str
    kind: str
    path: str
    who: str
    took: list[float] = field(default_factory=list)
    asking: list[float] = field(default_factory=list)
    size: int = 0
    # Answers that say that it took too long.
    ended: int = 0
    statements: list[int] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return statistics.quantiles(self.took, n=20, method="inclusive")[-1]

    def figure(self, before: "Page") -> Figure:
        """`before`: with a tenth of everything."""
        # Every few seconds a page adds up attempts, or counts the queue, for all that come after it.
        statements, fewer = min(self.statements), min(before.statements)
        over = {
            f"{self.ended} times not in the time there is": self.ended > 0,
            f"{self.p95:.0f} ms": self.p95 > BAR,
            f"{self.size / 1000:.0f} kB": self.kind == PAGE and self.size > HEAVY,
            f"{statements} statements, {fewer} with a tenth": statements > fewer,
        }
        said = f"OVER: {'; '.join(words for words, is_over in over.items() if is_over)}. " if any(over.values()) else ""
        middle, asking = statistics.median(self.took), statistics.median(self.asking)
        detail = (
            f"{said}p50 {middle:.0f} ({asking:.0f} in PostgreSQL), max {max(self.took):.0f} ms of {len(self.took)}; "
            f"{self.size / 1000:.1f} kB; {statements} statements"
        )
        return Figure(f"console: {self.name}, p95", self.p95, "ms", BAR, not any(over.values()), detail)


class Browser:
    """One connection, and a cookie or a token for each who is logged in."""

    def __init__(self, client: http.client.HTTPConnection, tokens: dict[str, str]) -> None:
        self._client = client
        self._cookies: dict[str, str] = {}
        self._tokens = tokens

    def log_in(self, email: str) -> None:
        form, cookie = self._form("GET", {})
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        fields = {"csrfmiddlewaretoken": found[1] if found else "", "username": email, "password": PASSWORD}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        _, self._cookies[email] = self._form("POST", {"Cookie": cookie, **kind}, urlencode(fields))

    def get(self, page: Page) -> float:
        """Milliseconds: until all of it is there; of a file, until it begins."""
        token = {"Authorization": f"Bearer {self._tokens[page.who]}"}
        headers = token if page.kind == API else {"Cookie": self._cookies[page.who]}
        began = time.perf_counter()
        self._client.request("GET", page.path, headers=headers)
        answer = self._client.getresponse()
        begun = answer.read(1)
        first = time.perf_counter()
        body = begun + answer.read()
        ended = first if page.kind == FILE else time.perf_counter()
        leads_on = answer.status == 302 and "/log-in" not in answer.headers["Location"]
        # /readyz says rightly that items have been waiting for days.
        page.ended += answer.status == 503 and page.path != "/readyz"
        if answer.status not in (200, 503) and not leads_on:
            raise RuntimeError(f"{page.path} answered {answer.status} to {page.who}: {body[:500].decode()}")
        number, milliseconds = answer.headers.get("X-Statements", "0 0").split()
        page.size, taken = len(body), (ended - began) * 1000
        page.took.append(taken)
        page.asking.append(float(milliseconds))
        page.statements.append(int(number))
        return taken

    def _form(self, method: str, headers: dict[str, str], body: str | None = None) -> tuple[str, str]:
        self._client.request(method, "/log-in", body, headers)
        answer = self._client.getresponse()
        text = answer.read().decode()
        if answer.status != (302 if body else 200):
            raise RuntimeError(f"/log-in answered {answer.status}: {text[:500]}")
        return text, "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or ())


def measure(rounds: int) -> list[Figure]:
    """Each page's 95th percentile, weight and statements; what is done once, for all that come after."""
    with _filled(SHARE) as (few, browser, _):
        _first(browser)
        small = _pages(few)
        _ask(browser, small, 2)
    with _filled(1) as (installed, browser, seconds):
        first = _first(browser)
        pages = _pages(installed)
        _ask(browser, pages, ROUNDS * min(rounds, 3))
    with_a_tenth = {page.name: page for page in small}
    return [
        reported("console: adding up a million attempts, once", seconds, "s", "10,000 at once"),
        reported(
            "console: the first page of all", first, "s", "counts the queue, and finds the workflow of each failure"
        ),
        *(page.figure(with_a_tenth[page.name]) for page in pages),
    ]


@contextmanager
def _filled(share: int) -> Iterator[tuple[Installation, Browser, float]]:
    """A `share`-th of everything, a client that is logged in, and the seconds that adding up has taken."""
    with installation("") as installed:
        fill_console(installed, share=share)
        seconds = float(_manage(installed, "shell", "--no-imports", "-c", _CATCH_UP))
        for email in _WHO.values():
            command = "grant_admin" if email == STAFF else "set_password"
            _manage(installed, command, email, "--password-stdin", given=f"{PASSWORD}\n")
        tokens = {email: _manage(installed, "create_api_token", email) for email in _WHO.values()}
        with server(installed) as port, closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
            browser = Browser(client, tokens)
            for email in _WHO.values():
                browser.log_in(email)
            yield installed, browser, seconds


def _pages(installed: Installation) -> list[Page]:
    return [Page("metrics", FILE, "/metrics", STAFF), Page("readyz", FILE, "/readyz", STAFF)] + [
        Page(f"{name}, {who}", kind, path, email)
        for who, email in _WHO.items()
        for name, kind, path in addresses(Known(installed, LARGE if email == STAFF else email), is_staff=email == STAFF)
    ]


def _ask(browser: Browser, pages: list[Page], rounds: int) -> None:
    slow = {page.name for page in pages if browser.get(page) > SLOW}
    for page in pages:
        page.took.clear()
        page.asking.clear()
        page.ended = 0
    for number in range(rounds):
        for page in pages:
            if number < FEW or page.name not in slow:
                browser.get(page)


def _first(browser: Browser) -> float:
    """Seconds until the first page is there, when nothing has been counted; if it takes too long, one asks again."""
    page, began = Page("", PAGE, "/", STAFF), time.monotonic()
    browser.get(page)
    while page.ended == len(page.took) < 60:
        time.sleep(0.5)
        browser.get(page)
    return time.monotonic() - began


def _manage(installed: Installation, *arguments: str, given: str = "") -> str:
    command = [sys.executable, str(MANAGE), *arguments]
    done = subprocess.run(
        command, env=installed.environment, input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()
