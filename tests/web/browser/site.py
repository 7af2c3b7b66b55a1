"""The running site, as a person sees it in a browser."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User
from tests.web.browser.remote import PATIENCE

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
# Where pictures are kept, for people to look at; nowhere if the variable is not set.
PICTURES = os.environ.get("BROWSER_PICTURES")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 400, "height": 800}
# What sticks out of the window, where the page as a whole can be scrolled sideways.
TOO_WIDE = """
width => document.documentElement.scrollWidth <= width + 1 ? null : [...document.body.querySelectorAll('*')]
    .filter(each => each.scrollWidth > each.clientWidth + 1 || each.getBoundingClientRect().right > width + 1)
    .map(each => each.outerHTML.slice(0, 120)).slice(-3).join(' ') + ' '
"""


# As the pages' policy allows it: without an element of its own.
STILL = """
() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { transition: none !important; animation: none !important; }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
"""


@dataclass
class Site:
    """Opens pages of the live server; keeps what went wrong in them."""

    address: str
    browser: Browser
    faults: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, path: str = "/", *, user: User | None = None, scripts: bool = True, **options: Any) -> Page:
        """A page in a window of its own; logged in where a user is given. `options`: of a Playwright context.

        Days are those of UTC wherever the machine is, as the tests reckon.
        """
        defaults = {"viewport": WIDE, "timezone_id": "UTC"}
        context = self.browser.new_context(
            base_url=self.address, java_script_enabled=scripts, **{**defaults, **options}
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": _session(user), "url": self.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("response", lambda answer: self._note(answer.status, answer.url))
        page.goto(path)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note(self, status: int, url: str) -> None:
        if status >= 500:
            self.faults.append(f"HTTP {status}: {url}")


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def problems(page: Page, *, all_of_them: bool = False) -> list[str]:
    """What axe-core finds that is serious or critical, or whatever it finds: rule, and where."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [
        f"{problem['id']} ({problem['help']}): {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for problem in found
        if all_of_them or problem["impact"] in ("serious", "critical")
        for node in problem["nodes"]
    ]


def look(page: Page, name: str, check: Callable[[Page], list[str]] = problems) -> None:
    """Looks at a page wide and light, narrow and dark: no serious problem of accessibility, nothing wider than it."""
    found: list[str] = []
    # Half-way from light to dark, no colour is what it will be.
    page.evaluate(STILL)
    for form, scheme, size in (("wide", "light", WIDE), ("narrow", "dark", NARROW)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found += [f"{form}: {problem}" for problem in check(page)]
        if wide := page.evaluate(TOO_WIDE, size["width"]):
            found.append(f"{form}: wider than the window: {wide}")
        if PICTURES:
            file = re.sub(r"\W+", "-", name).strip("-").lower()
            page.screenshot(path=str(Path(PICTURES) / f"{file}-{form}.png"), full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    assert not found, "\n".join(found)
