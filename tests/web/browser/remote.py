"""Playwright in a thread of its own.

Its sync API keeps an event loop running in the thread that uses it. In a test's thread, Django would refuse the ORM
and asyncio a second loop, for the rest of the run. Here, tests hold stand-ins that pass each call on to that thread.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, cast

from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright
from playwright.sync_api import expect as playwright_expect
from playwright.sync_api._generated import LocatorAssertions, PageAssertions

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# Milliseconds that a test waits for what it expects: the machine may be busy.
PATIENCE = 30_000
playwright_expect.set_options(timeout=PATIENCE)


class BrowserThread:
    """The thread, and in it a Chromium."""

    def __init__(self, executable: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")
        self._executable = executable

    def __enter__(self) -> Self:
        self._playwright: Playwright = self._thread.submit(lambda: sync_playwright().start()).result()
        browser = self.run(lambda: self._playwright.chromium.launch(executable_path=self._executable, args=[*FLAGS]))
        self.browser = cast(Browser, browser)
        return self

    def __exit__(self, *_: object) -> None:
        self.run(lambda: self._real(self.browser).close())
        self.run(self._playwright.stop)
        self._thread.shutdown()

    def run(self, work: Callable[[], Any]) -> Any:
        """What the work returns in the browser's thread; what it raises is raised here."""
        return self._stand_in(self._thread.submit(work).result())

    def call(self, target: Any, *args: Any, **kwargs: Any) -> Any:
        real = [self._real(value) for value in args]
        return self.run(lambda: target(*real, **{name: self._real(value) for name, value in kwargs.items()}))

    def _stand_in(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._stand_in(each) for each in value]
        if callable(value) or type(value).__module__.startswith("playwright"):
            return Remote(self, value)
        return value

    @staticmethod
    def _real(value: Any) -> Any:
        return value.__dict__["target"] if isinstance(value, Remote) else value


class Remote:
    """Stands in for an object of Playwright's; its type is said to be that object's."""

    def __init__(self, thread: BrowserThread, target: Any) -> None:
        self.__dict__.update(thread=thread, target=target)

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["thread"].run(lambda: getattr(self.__dict__["target"], name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__dict__["thread"].call(self.__dict__["target"], *args, **kwargs)

    def __enter__(self) -> Any:
        return self.__getattr__("__enter__")()

    def __exit__(self, *error: object) -> Any:
        return self.__getattr__("__exit__")(*error)


def expect(what: Locator) -> LocatorAssertions:
    """Playwright's `expect` of a locator: waits until it is so."""
    return cast(LocatorAssertions, cast(Any, what).__dict__["thread"].call(playwright_expect, what))


def expect_page(page: Page) -> PageAssertions:
    """Playwright's `expect` of a page."""
    return cast(PageAssertions, cast(Any, page).__dict__["thread"].call(playwright_expect, page))
