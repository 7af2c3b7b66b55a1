"""One box for everything: straight to what is meant, if only one thing can be, else to what was found."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from sync.queue import ItemFilter
from sync.reporting import Found, list_runs, search, suggested
from sync.web.console.access import console_page, own_scope, render_page
from sync.web.console.cures import destination_address, runs
from sync.web.console.runs import row_of
from sync.web.shared import options

# Runs that are shown; all of them are a list of their own.
SHOWN = 10


@console_page
def search_page(request: HttpRequest) -> HttpResponse:
    """Leads to the one thing that was found, or shows all, by what they are."""
    # Addresses that were kept have `execution_id`.
    asked = (request.GET.get("q") or request.GET.get("execution_id") or "").replace("\0", "").strip()
    mine = own_scope(request)
    found = search(asked, mine)
    if found.number == 1:
        return redirect(_only(found))
    owners = None if mine is None else (mine,)
    listed = list_runs(ItemFilter(execution_ids=found.runs[:SHOWN], user_ids=owners, by_creation=True), limit=SHOWN)
    context = {
        "asked": asked,
        "found": found,
        "rows": [row_of(run) for run in listed.runs],
        "all_runs": runs(q=asked),
        "workflows": [
            (flow, reverse("console:workflow", args=[flow.pk]), runs(workflow=flow.workflow_id))
            for flow in found.workflows
        ],
        "destinations": [(each, destination_address(each.pk)) for each in found.destinations],
        "tables": [(table, destination_address(table.configuration_id)) for table in found.tables],
        "users": [(user, runs(user.email), f"{reverse('console:home')}?user={user.email}") for user in found.users],
    }
    return render_page(request, "search", context)


@console_page
def suggestions(request: HttpRequest) -> HttpResponse:
    """What may be meant by what is typed, as options of a list."""
    return HttpResponse(options(suggested(request.GET.get("q", ""), own_scope(request))))


def _only(found: Found) -> str:
    """The address of the only thing that was found."""
    if found.runs:
        return reverse("console:run", args=[found.runs[0]])
    if found.workflows:
        return reverse("console:workflow", args=[found.workflows[0].pk])
    if found.tables:
        return destination_address(found.tables[0].configuration_id)
    if found.destinations:
        return destination_address(found.destinations[0].pk)
    return runs(found.users[0].email)
