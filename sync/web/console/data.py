"""What goes to a destination: its owner's workflows, and the rules that decide what becomes of them, in order."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import SnowflakeConfiguration
from sync.destinations import check_rate
from sync.errors import SyncError
from sync.models import SyncRule, Workflow
from sync.operations import (
    Choices,
    NoSuchRuleError,
    Synced,
    delete_rule,
    described,
    move_rule,
    rule_versions,
    switch_rule,
)
from sync.postgres import bounded_reading
from sync.reporting import Lately, lately, workflows_of
from sync.web.console.access import demand, viewer, working_page
from sync.web.console.data_workflow import workflow_data
from sync.web.console.destination_access import destination_act, find, render_destination, told
from sync.web.console.left_out import left_out
from sync.web.console.query_parameters import days
from sync.web.console.retention import kept_of
from sync.web.console.rule_drafts import Document, Draft, brief, drafted, opened, saved, tell_of_version
from sync.web.shared import whole_number

# Workflows, and rules, on a page; and versions that are listed.
PAGE, RULES, VERSIONS = 25, 30, 10
POLICIES = ("allow", "drop", "hold")


class Line(NamedTuple):
    """A workflow. `by`: the stored rule that leaves it out; `may_choose`: see Choices."""

    workflow: Workflow
    synced: Synced
    by: SyncRule | None
    new_columns: str
    may_choose: bool
    lately: Lately | None


class RuleLine(NamedTuple):
    """A rule by its place, from 1; `brief`: what it does, on a line."""

    place: int
    rule: SyncRule
    brief: str
    kind: str


@working_page
def data_page(request: HttpRequest, configuration_id: UUID) -> HttpResponse:
    """The workflows, or, with ?workflow=, what becomes of one's columns and rows."""
    about = find(request, configuration_id)
    # PostgreSQL's text holds no NUL, so nothing has such an id.
    if asked := request.GET.get("workflow", "").replace("\0", "\ufffd"):
        return workflow_data(request, about, asked)
    if request.method != "POST":
        return _show(request, about)
    demand(request)
    with told(request):
        draft = drafted(request, about, lambda base, there: _edited(request, about, base, there))
        if not draft.problems:
            draft.findings += left_out(about, opened(about).rules, draft.rules, _sent(request).values())
        if not saved(request, about, draft):
            return _show(request, about, draft)
    return redirect(request.get_full_path())


@destination_act("data")
def change_rule(request: HttpRequest, about: SnowflakeConfiguration) -> None:
    """Switches one rule on or off, moves or deletes it: one version."""
    author, expected = viewer(request).get_username(), whole_number(request.POST.get("version"), -1)
    verb, _, name = request.POST.get("act", "").partition(":")
    place = whole_number(request.POST.get(f"place:{name}"), 1)
    by = {"author": author, "expected_version": expected}
    check_rate("configure", viewer(request).pk)
    try:
        match verb:
            case "on" | "off":
                changed = switch_rule(about.pk, name, enabled=verb == "on", **by)  # type: ignore[arg-type]
            case "up" | "down":
                to = max(1, place - 1) if verb == "up" else place + 1
                changed = move_rule(about.pk, name, to, **by)  # type: ignore[arg-type]
            case "delete":
                changed = delete_rule(about.pk, name, **by)  # type: ignore[arg-type]
            case _:
                return
    except NoSuchRuleError:
        return
    if changed.is_new:
        tell_of_version(request, about, changed.rules.version, changed.goes_on)


def rule_lines(rules: Sequence[SyncRule]) -> list[RuleLine]:
    kinds = dict(SyncRule.Kind.choices)
    return [
        RuleLine(place, rule, brief(rule.settings), kinds.get(rule.kind, "")) for place, rule in enumerate(rules, 1)
    ]


def _show(request: HttpRequest, about: SnowflakeConfiguration, draft: Draft | None = None) -> HttpResponse:
    context: dict[str, Any] = {}
    version, rows = described(about.pk)
    search = request.GET.get("q", "").strip()
    try:
        draft = draft or opened(about)
        with bounded_reading(settings.API_READ_TIMEOUT):
            context = _listed(request, about, draft, {row.name: row for row in rows}, search)
    except SyncError as error:
        context = {"unreadable": error}
    versions = rule_versions(about.pk, limit=VERSIONS + 1)
    context |= {
        "draft": draft,
        "version": version,
        "rules": rule_lines(rows[:RULES]),
        "more_rules": max(0, len(rows) - RULES),
        "versions": versions[:VERSIONS],
        "q": search,
        "policies": POLICIES,
        "kept": kept_of(about),
    }
    return render_destination(request, about, "data", **context)


def _listed(
    request: HttpRequest, about: SnowflakeConfiguration, draft: Draft, rows: dict[str, SyncRule], search: str
) -> dict[str, Any]:
    found = workflows_of(about.user_id, search)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    workflows = list(page)
    # As the list of runs has them, to which the numbers lead.
    found_lately = lately(workflows, since=days("7d")[0], today=days("today")[0])
    there = {one.workflow: one for one in found_lately if one.configuration_id == about.pk}
    lines = []
    for workflow in workflows:
        choices = Choices(draft.rules, workflow.workflow_id)
        synced = choices.synced
        by = rows.get(synced.rule["name"]) if synced.rule and synced.state != "on" else None
        lines.append(Line(workflow, synced, by, choices.new_columns, choices.may_choose, there.get(workflow.pk)))
    return {"lines": lines, "pages": page, "since": next((one.since for one in found_lately if one.since), None)}


def _sent(request: HttpRequest) -> dict[int, str]:
    """The ids of the workflows that were on the page, by their line."""
    return {number: request.POST[f"id-{number}"] for number in range(PAGE) if f"id-{number}" in request.POST}


def _edited(
    request: HttpRequest, about: SnowflakeConfiguration, base: list[Document], there: list[Document]
) -> list[Document]:
    """The rules with what was switched and chosen on the page, as far as that is not what it was opened with."""
    sent = _sent(request)
    known = Workflow.objects.filter(user=about.user_id).known_as(*sent.values())
    names = {workflow.workflow_id: workflow.name for workflow in known}
    rules, note = there, request.POST.get("note", "").strip()
    for number, workflow_id in sent.items():
        if workflow_id not in names:
            continue
        before = Choices(base, workflow_id)
        wanted = Choices(rules, workflow_id, names[workflow_id] or "", note)
        is_on = request.POST.get(f"on-{number}") == "on"
        if before.synced.may_switch and is_on != (before.synced.state != "off"):
            (wanted.take_in if is_on else wanted.leave_out)()
        policy = request.POST.get(f"new-{number}")
        if before.may_choose and policy in POLICIES and policy != before.new_columns:
            wanted.set_new_columns(policy)
        rules = wanted.rules
    return rules
