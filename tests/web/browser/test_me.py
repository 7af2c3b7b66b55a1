"""One's own page as somebody uses it: a token, the colours, the time zone, the password."""

import pytest
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from sync.operations import make_token
from tests.factories import ConfigurationFactory
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look

OLD, NEW = "a password", "staple of another kind"


@pytest.fixture
def site(live_site: Site) -> Site:
    """Without a Snowflake."""
    return live_site


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def asks(command: str) -> int:
    """What the API answers to the printed curl line."""
    header, address = command.removeprefix("curl -H '").split("' ")
    name, _, value = header.partition(": ")
    return Client(headers={name: value}).get("/" + address.split("/", 3)[3]).status_code


@with_and_without_scripts
def test_a_token_is_made_used_and_revoked(site: Site, admin_user: User, scripts: bool) -> None:
    page = site.open("/", user=admin_user, scripts=scripts)
    page.get_by_text(admin_user.email).click()
    page.get_by_role("link", name="You and your tokens").click()
    page.get_by_label("Name").fill("nightly report")
    page.get_by_label("It lasts").select_option("30 days")
    page.get_by_role("button", name="Make a token").click()
    shown = page.get_by_role("region", name="The token nightly report")
    expect(shown).to_contain_text("it is shown this once")
    token = shown.get_by_label("The token", exact=True).input_value()
    command = shown.locator("pre").inner_text()
    assert asks(command) == 200
    if scripts:
        look(page, "me token")
    page.goto("/me")
    expect(page.get_by_role("region", name="Tokens", exact=True).last).not_to_contain_text(token)
    page.get_by_role("link", name="Revoke nightly report").click()
    assert asks(command) == 200
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("it is refused from now on")).to_be_visible()
    assert asks(command) == 401


def test_the_colours_and_the_zone_stay(site: Site, admin_user: User) -> None:
    page = site.open("/me", user=admin_user, timezone_id="America/Lima", color_scheme="light")
    light = {path: ground(page) for path in ("/admin/", "/", "/runs", "/me", "/api/docs") if page.goto(path)}
    page.goto("/me")
    expect(page.get_by_role("contentinfo")).to_have_text("Times are those of America/Lima.")
    look(page, "me")
    page.emulate_media(color_scheme="light")
    page.get_by_label("dark").check()
    page.get_by_label("Time zone").select_option("Asia/Kolkata")
    page.get_by_role("button", name="Keep these").click()
    expect(page.get_by_text("Kept. Times are those of Asia/Kolkata.")).to_be_visible()
    for path, before in light.items():
        page.goto(path)
        assert ground(page) != before, path
        if path != "/admin/":
            expect(page.get_by_role("contentinfo").last).to_have_text("Times are those of Asia/Kolkata.")


def test_a_password_is_changed_and_the_other_window_is_logged_out(site: Site, admin_user: User) -> None:
    page, other = (site.open("/me", user=admin_user) for _ in range(2))
    for old, said in (("wrong", "This is not your password."), (OLD, "The password is changed.")):
        page.get_by_label("Current password").fill(old)
        page.get_by_label("New password", exact=True).fill(NEW)
        page.get_by_label("New password, again").fill(NEW)
        page.get_by_role("button", name="Change the password").click()
        expect(page.get_by_text(said)).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()


def test_staff_look_as_a_user_does(site: Site, admin_user: User) -> None:
    ada = User.objects.create_user("ada.lovelace@example.com", "a password")
    ConfigurationFactory.create(user=ada, name="Warehouse")
    make_token(ada, "laptop")
    page = site.open("/users", user=admin_user)
    look(page, "users")
    page.get_by_role("link", name="As they see it (ada.lovelace@example.com)").click()
    expect(page.get_by_text("ada.lovelace@example.com").first).to_be_visible()
