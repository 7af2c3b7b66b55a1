"""Somebody who walks through the console by what they read, and whose clicks are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page

from tests.web.browser.remote import expect
from tests.web.browser.site import look, problems

# Each walk, with scripts and without: the size and colours that it is begun in.
WAYS = [
    pytest.param({"scripts": True}, id="with scripts"),
    pytest.param({"scripts": False, "color_scheme": "dark"}, id="without scripts, dark", marks=pytest.mark.long),
    pytest.param(
        {"scripts": False, "viewport": {"width": 400, "height": 800}},
        id="without scripts, 400 px",
        marks=pytest.mark.long,
    ),
]


@dataclass
class Walk:
    """A page, and how often something of it was clicked. `scripts`: whether those of the page run."""

    page: Page
    scripts: bool = True
    clicks: int = 0

    def link(self, name: str) -> None:
        """Follows the first link that is called so, or begins so."""
        self._click(self.page.get_by_role("link", name=name))

    def button(self, name: str) -> None:
        self._click(self.page.get_by_role("button", name=name))

    def open(self, name: str) -> None:
        """Opens what is folded up."""
        self._click(self.page.locator("summary", has_text=name))

    def reads(self, *texts: str) -> None:
        """Each of them is on the page, to be seen."""
        for text in texts:
            expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    def fills(self, **fields: str) -> None:
        """Writes into fields, by their labels, with _ for spaces; the keyboard leads from one to the next."""
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " ")).first.fill(value)

    def sees(self, name: str) -> None:
        """The page is fit to be seen, in light, dark and 400 px; axe finds nothing at all."""
        if self.scripts:
            look(self.page, f"walk {name}", check=lambda page: problems(page, all_of_them=True))

    @contextmanager
    def within(self, clicks: int) -> Iterator[None]:
        """What is done inside takes no more clicks than these."""
        before = self.clicks
        yield
        assert self.clicks - before <= clicks, f"{self.clicks - before} clicks, and {clicks} are enough"

    def _click(self, what: Locator) -> None:
        self.clicks += 1
        what.first.click()
