"""Rules in the admin in a browser: opened and changed by hand, with and without scripts, wide and narrow."""

from typing import Any

import pytest

from accounts.models import User
from sync.operations import change_rules, rules_of
from sync.rules import documents
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World

MANY: list[dict[str, Any]] = [
    {"name": "No noise", "kind": "scope", "action": "exclude", "workflow": "noisy-*"},
    {"name": "Hash e-mails", "kind": "column", "action": "hash", "columns": ["email", "*_email"]},
    {
        "name": "Only what was paid for in one of our own shops since the beginning of the year",
        "kind": "rows",
        "where": {
            "all": [
                {"column": "status", "operator": "eq", "value": "paid"},
                {"column": "a_column_with_a_very_long_name_that_no_window_is_wide_enough_for", "operator": "null"},
            ]
        },
        "note": "As agreed",
    },
    *({"name": f"Drop {n}", "kind": "column", "action": "drop", "columns": [f"notes_{n}"]} for n in range(17)),
]


@pytest.fixture
def page_of(world: World) -> str:
    change_rules(world.configuration.pk, MANY, author="ann@example.com", expected_version=None)
    return f"/admin/accounts/snowflakeconfiguration/{world.configuration.pk}/change/"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_twenty_rules_are_changed_by_hand(
    site: Site, world: World, admin_user: User, page_of: str, scripts: bool
) -> None:
    page = site.open(page_of, user=admin_user, scripts=scripts)
    if scripts:
        look(page, "rules closed")
    page.get_by_label("Order of Drop 16").fill("0")
    page.get_by_label("On: No noise").uncheck()
    page.get_by_label("Delete Drop 3").check()
    # By the keyboard alone.
    page.locator("summary", has_text="Hash e-mails").focus()
    page.keyboard.press("Enter")
    rule = page.locator("li.sync-rule", has_text="Hash e-mails")
    rule.get_by_label("What it does").fill("action: hash\ncolumns: [email")
    page.locator("summary", has_text="A new rule").first.click()
    new = page.locator("li.sync-rule", has_text="A new rule").first
    new.get_by_label("Name").fill("Where from")
    new.get_by_label("Kind").select_option("add")
    new.get_by_label("What it does").fill("column: source\nconstant: shop")
    if scripts:
        look(page, "rules open")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("line 2: did not find")).to_be_visible()
    if scripts:
        look(page, "rules refused")
    wrong = page.locator("li.sync-rule.is-wrong")
    expect(wrong).to_have_count(1)
    wrong.get_by_label("What it does").fill("action: hash\ncolumns: [email]")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("The rules are at version 2.")).to_be_visible()
    found = documents(rules_of(world.configuration.pk).rules)
    assert [rule["name"] for rule in found[:3]] == ["Drop 16", "No noise", "Hash e-mails"]
    assert (found[1]["enabled"], found[2]["columns"]) == (False, ["email"])
    assert found[-1] == {"name": "Where from", "kind": "add", "column": "source", "constant": "shop"}
    assert len(found) == 20


def test_who_was_overtaken(site: Site, world: World, admin_user: User, page_of: str) -> None:
    page = site.open(page_of, user=admin_user)
    page.get_by_label("On: No noise").uncheck()
    change_rules(world.configuration.pk, MANY[:2], author="grace@example.com", expected_version=None)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("made by grace@example.com")).to_be_visible()
    look(page, "rules overtaken")
    page.get_by_label("Put these rules in place of version 2").check()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("The rules are at version 3.")).to_be_visible()


def test_the_other_pages(site: Site, world: World, admin_user: User, page_of: str) -> None:
    page = site.open(page_of.replace("change/", "rules"), user=admin_user)
    look(page, "rules page")
    page.get_by_role("link", name="Make a new key…").click()
    look(page, "rules key")
    page.get_by_role("button", name="Hash with a new key from now on").click()
    expect(page.get_by_text("Version 2 of the rules hashes with key 2.")).to_be_visible()
    change_rules(world.configuration.pk, MANY[1:], author="grace@example.com", expected_version=None)
    page.goto(f"/destinations/{world.configuration.pk}/rules/3")
    look(page, "rules version")
    page.get_by_role("link", name="Version 2").click()
    expect(page.get_by_role("heading", name="version 2")).to_be_visible()


COLUMNS = [("email", "string"), ("status", "string"), ("amount", "decimal(12,2)"), ("customer", "json")]
ROWS = [[f"somebody.{n}@a-long-domain.example.com", "paid" if n % 2 else "open", n, {"n": n}] for n in range(30)]


def test_what_is_loaded_is_previewed_changed_and_loaded_again(
    site: Site, world: World, admin_user: User, page_of: str
) -> None:
    execution = world.complete(COLUMNS, ROWS)
    out = world.complete(COLUMNS, ROWS)
    change_rules(world.configuration.pk, [], author="ann@example.com", expected_version=None)
    world.work()
    page = site.open(page_of, user=admin_user)
    for number, (name, kind, what) in enumerate(
        [
            ("Only paid", "rows", "where: {column: status, operator: eq, value: paid}"),
            (
                "Without the second",
                "scope",
                f"action: exclude\nwhen: [{{field: execution, value: [{out.execution_id}]}}]",
            ),
        ]
    ):
        page.locator("summary", has_text="A new rule").nth(number).click()
        rule = page.locator("li.sync-rule", has_text="A new rule").nth(number)
        rule.get_by_label("Name").fill(name)
        rule.get_by_label("Kind").select_option(kind)
        rule.get_by_label("What it does").fill(what)
    form = page
    with form.expect_popup() as opened:
        form.get_by_role("button", name="Preview these rules").click()
    page = opened.value
    page.get_by_label("Workflow, its").fill(world.workflow.workflow_id)
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_text("It does not go there")).to_be_visible()
    look(page, "rules preview excluded")
    page.get_by_role("button", name=execution.execution_id).click()
    expect(page.get_by_text("15 of 30 rows kept")).to_be_visible()
    look(page, "rules preview")
    page = form
    page.get_by_role("button", name="Save and continue editing").click()
    look(page, "rules saved")
    page.get_by_role("link", name="Load 1 execution again…").click()
    look(page, "rules reload")
    page.get_by_role("button", name="Load 1 execution again").click()
    expect(page.get_by_text("1 of 1 execution queued to be loaded again.")).to_be_visible()
    look(page, "rules half way")
    page.get_by_role("link", name="Take 1 execution out of Snowflake…").click()
    expect(page.get_by_text("1 own table: dropped")).to_be_visible()
    look(page, "rules remove")
    page.get_by_role("button", name="Take 1 execution out of Snowflake").click()
    world.work()
    for name, address in {
        "kept": f"/runs/{execution.execution_id}",
        "excluded": f"/runs/{out.execution_id}",
        "excluded items": "/runs?status=skipped&error_code=excluded_by_rule",
        "excluded list": "/admin/sync/syncqueueitem/?status=skipped&error_code=excluded_by_rule",
        "kept item": f"/admin/sync/syncqueueitem/{world.item(execution).pk}/change/",
        "excluded item": f"/admin/sync/syncqueueitem/{world.item(out).pk}/change/",
    }.items():
        page.goto(address)
        said = "15 of 30 rows kept" if name.startswith("kept") else 'Rule "Without the second" excludes it'
        expect(page.get_by_text(said).first).to_be_visible()
        look(page, f"rules shown {name}")
