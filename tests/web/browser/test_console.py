"""The console, for whoever looks: a failure is seen, understood, retried, and seen to complete."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync import queue
from sync.models import SyncQueueItem, WorkflowExecution
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect, expect_page
from tests.web.browser.site import Site, look
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
WRONG, RIGHT = [{"campaign": "Spring", "clicks": "many"}], [{"campaign": "Spring", "clicks": 17}]
OFTEN = 0.2  # seconds
HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event('visibilitychange'));
}"""

Open = Callable[..., Page]


@pytest.fixture
def opened(site: Site, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page whose policy holds for its own, and not for what tests bring into it; it refreshes often."""
    monkeypatch.setattr("sync.web.console.access.LIVE_EVERY", OFTEN)

    def open_(path: str = "/", **options: Any) -> Page:
        return site.open(path, bypass_csp=True, **options)

    return open_


def mend(execution: WorkflowExecution) -> None:
    """The application writes what it should have written; only a retry loads it."""
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=RIGHT)
    SyncQueueItem.objects.filter(execution=execution, configuration=None).delete()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_failure_is_seen_understood_retried_and_completes(opened: Open, world: World, scripts: bool) -> None:
    good = world.complete(COLUMNS, RIGHT)
    execution = world.complete(COLUMNS, WRONG)
    world.work()
    queue.register_worker("a-host", 1, 5)
    page = opened(user=world.user, scripts=scripts)
    expect(page.get_by_text("failed for", exact=False).first).to_be_visible()
    if scripts:
        look(page, "console one failed")
    page.get_by_role("link", name="1 failed so").click()
    expect(page.locator(f'a[href="/runs/{good.execution_id}"]')).to_have_count(0)
    expect(page.get_by_text("Correct the value or declare a type").first).to_be_visible()
    if scripts:
        look(page, "console failed items")
    page.locator(f'a[href="/runs/{execution.execution_id}"]').click()
    expect(page.get_by_text("It is not tried again as it is. Mend the cause first.")).to_be_visible()
    expect(page.get_by_text("the value does not fit").first).to_be_visible()
    if scripts:
        look(page, "console execution failed")
    mend(execution)
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("is queued again")).to_be_visible()
    world.work()
    queue.register_worker("a-host", 2, 5)
    if not scripts:
        page.reload()
    expect(page.get_by_text("1 row, since").first).to_be_visible()
    assert world.rows(execution) == [("Spring", 17)]
    if scripts:
        look(page, "console execution completed")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_text("All synced. Nothing is waiting.").first).to_be_visible()
    if scripts:
        look(page, "console all is well")


@with_and_without_scripts
def test_these_are_retried_once_confirmed(opened: Open, world: World, admin_user: User, scripts: bool) -> None:
    wrong = [world.complete(COLUMNS, WRONG) for _ in range(3)]
    other = world.complete(COLUMNS, [{"campaign": "Spring", "undeclared": 1}])
    world.work()
    page = opened(user=admin_user, scripts=scripts)
    page.get_by_role("link", name="3 failed so").click()
    page.get_by_role("link", name="Retry all 3 that match").click()
    expect(page.get_by_role("heading", name="Retry 3 runs")).to_be_visible()
    if scripts:
        look(page, "console retry")
    page.get_by_role("button", name="Retry 3 runs").click()
    expect(page.get_by_text("3 of 3 runs are waiting again.")).to_be_visible()
    assert {world.item(execution).status for execution in wrong} == {"pending"}
    assert world.item(other).status == "failed"


def test_it_stays_as_it_is_while_hidden_and_when_stopped(opened: Open, world: World) -> None:
    queue.register_worker("a-host", 1, 5)
    page = opened(user=world.user)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    failed = page.locator("#worst")

    def fail() -> None:
        world.complete(COLUMNS, WRONG)
        world.work()
        queue.register_worker("a-host", 1, 5)

    fail()
    expect(failed).to_contain_text("1 failed so")
    page.evaluate(HIDE, True)
    settled(page, requests)
    fail()
    # So long that it would have asked many times.
    page.wait_for_timeout(OFTEN * 1000 * 8)
    assert requests == []
    expect(failed).to_contain_text("1 failed so")
    page.evaluate(HIDE, False)
    expect(failed).to_contain_text("2 failed so")
    page.get_by_role("button", name="Stop refreshing").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    settled(page, requests)
    page.wait_for_timeout(OFTEN * 1000 * 8)
    assert requests == []
    page.reload()
    expect(page.get_by_role("button", name="Refresh by itself")).to_be_visible()
    fail()
    expect(failed).to_contain_text("2 failed so")
    page.get_by_role("button", name="Refresh by itself").click()
    expect(failed).to_contain_text("3 failed so")


def settled(page: Page, requests: list[str]) -> None:
    """What was on its way has come; what comes from now on is counted."""
    page.wait_for_timeout(OFTEN * 1000 * 2)
    requests.clear()


def test_refreshing_takes_nothing_away_from_whoever_reads(opened: Open, world: World) -> None:
    queue.register_worker("a-host", 1, 5)
    world.complete(COLUMNS, WRONG)
    world.work()
    page = opened(user=world.user)
    page.get_by_text("As a table").click()
    count = page.locator("#worst").get_by_role("link", name="failed so")
    count.focus()
    world.complete(COLUMNS, WRONG)
    world.work()
    expect(count).to_contain_text("2 failed so")
    expect(count).to_be_focused()
    expect(page.get_by_role("group", name="Loads of the last 24 hours, as a table")).to_be_visible()


def test_what_is_ticked_stays_ticked_and_in_its_place(opened: Open, world: World) -> None:
    """On a page that stands in for one with boxes, as it was served first and is served then."""
    page = opened(user=world.user)
    row = '<tr><td class="tick"><input type="checkbox" name="run" value="{0}" aria-label="{0}"></td></tr>'
    table = "<table><tbody>{}</tbody></table>"
    served = {"part": table.format(row.format("a") + row.format("b"))}

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=f'<section id="worst">{served["part"]}</section>')

    page.route("**/", answer)
    box = page.get_by_label("b", exact=True)
    box.check()
    served["part"] = table.format(row.format("new") + row.format("a") + row.format("b"))
    expect(page.get_by_label("new")).to_be_visible()
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    # What is ticked is no longer among them: nothing moves before that is seen to.
    served["part"] = table.format(row.format("other"))
    page.wait_for_timeout(OFTEN * 1000 * 8)
    expect(box).to_be_checked()
    box.uncheck()
    expect(page.get_by_label("other")).to_be_visible()


def test_a_server_that_is_away_is_named_and_comes_back(opened: Open, world: World) -> None:
    page = opened(user=world.user)
    page.route("**/", lambda route: route.abort())
    expect(page.get_by_text("The server does not answer; trying again")).to_be_visible()
    page.unroute("**/")
    expect(page.get_by_text("Refreshed every")).to_be_visible()


def test_all_of_it_can_be_reached_with_the_keyboard(opened: Open, world: World) -> None:
    world.complete(COLUMNS, WRONG)
    world.work()
    page = opened(user=world.user)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    reached: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
    for wanted in ("Home", "Runs", world.user.email[:20], "See why", "1 failed so", "As a table", "Stop refreshing"):
        assert any(wanted in text for text in reached), (wanted, reached)


@with_and_without_scripts
def test_one_logs_in_looks_and_logs_out(site: Site, world: World, scripts: bool) -> None:
    world.user.set_password("a password of mine")
    said: list[str] = []
    page = site.open("/healthz", scripts=scripts)
    page.on("console", lambda message: said.append(message.text))
    page.goto("/runs")
    page.get_by_label("E-mail address").fill(world.user.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("are not known here")).to_be_visible()
    page.get_by_label("Password").fill("a password of mine")
    page.get_by_role("button", name="Log in").click()
    expect_page(page).to_have_url(f"{site.address}/runs")
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("heading", name="Destinations")).to_be_visible()
    page.get_by_text(world.user.email).first.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert [line for line in said if "Content Security Policy" in line] == []


def test_each_page_is_fit_to_be_seen(opened: Open, world: World, admin_user: User) -> None:
    look(opened("/log-in"), "console log in")
    page = opened(user=admin_user)
    look(page, "console empty")
    for _ in range(4):
        world.complete(COLUMNS, RIGHT)
    for rows in (WRONG, [{"campaign": "x" * 200, "clicks": "y" * 200}], None):
        world.complete(COLUMNS, rows)
    world.work()
    queue.register_worker("a-host-with-a-name-that-is-rather-long.internal.example.com", 4711, 5)
    paused = SnowflakeConfiguration.objects.create(
        user=world.user,
        name="A destination that is paused",
        account_identifier="myorg-myaccount",
        warehouse="W",
        database="A_DATABASE_WITH_A_LONG_NAME",
        username="U",
    )
    DestinationState.objects.filter(pk=paused.pk).update(breaker_state="open", breaker_code="login_refused")
    look(opened(user=admin_user), "console busy")
    look(opened("/runs", user=admin_user), "console items")
