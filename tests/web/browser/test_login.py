"""Into the admin, and no further than one may."""

from accounts.models import User
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World


def test_one_logs_in_and_sees_the_admin(site: Site, admin_user: User) -> None:
    page = site.open("/admin/")
    look(page, "log in")
    page.get_by_label("E-mail address").fill(admin_user.email)
    page.get_by_label("Password").fill("a password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="The rows behind the console")).to_be_visible()
    look(page, "admin index")


def test_a_user_of_the_application_does_not_get_in(site: Site, world: World) -> None:
    page = site.open("/admin/", user=world.user)
    expect(page.get_by_text("may not see that page")).to_be_visible()
