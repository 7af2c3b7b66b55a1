"""The pictures of the documentation, of the demo as it is: `make pictures`; look at them, and commit what changed."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
WINDOW: ViewportSize = {"width": 1280, "height": 1000}
# Executions that complete before the demo has something to show.
SETTLED = 15


@contextmanager
def demo() -> Iterator[str]:
    """Its address."""
    command = [sys.executable, "manage.py", "demo", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = ""
        while said.count("\n  completed ") < SETTLED:
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"The demo ended:\n{said}")
            said += line
        # What it says from here on is read, so that it is never in the way.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW, color_scheme="light")
        page.goto(f"{address}/log-in")
        page.get_by_label("E-mail", exact=False).fill("admin@example.com")
        page.get_by_label("Password").fill("demo")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{address}/")
        for name, path in (("home", "/"), ("runs", "/runs"), ("errors", "/errors"), ("destinations", "/destinations")):
            taken(page, name, address + path)
        page.goto(f"{address}/runs?status=failed")
        page.locator("main table a[href^='/runs/']").first.click()
        taken(page, "execution", page.url)
        browser.close()


def taken(page: Page, name: str, address: str) -> None:
    page.goto(address)
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
