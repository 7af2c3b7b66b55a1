"""Retry, skip, load again: of what is ticked, or of all that match; first how many, then exactly these."""

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from sync.destinations import check_rate
from sync.errors import CATALOGUE, Retry
from sync.models import SyncQueueItem
from sync.operations import find_item, retry_failed_sync
from sync.queue import SKIPPED_BY_HAND, ItemFilter
from sync.reporting import as_uuid, counted, may
from sync.web.console.access import counting_page, form_page, may_retry, own_scope, render_page, viewer
from sync.web.console.confirmation import LOAD_AGAIN, VERBS, Selection, Verb, ask_or_apply
from sync.web.console.query_parameters import MOST_TICKED, NO_CODE, ConsoleQuery
from sync.web.console.run_form import unknown_parameters

_NOT_UNDERSTOOD = (
    "The filters of this address were not understood, so nothing is done: it could be more than you meant."
)
NONE_TICKED = "No run is ticked. Go back, tick the boxes of those that you mean, and try again."
CHANGES = {**VERBS, LOAD_AGAIN.name: LOAD_AGAIN}


def may_change(request: HttpRequest) -> list[Verb]:
    """What the viewer may do to what they see."""
    return [verb for verb in CHANGES.values() if may(viewer(request), verb.permission)]


def offered(request: HttpRequest, status: str, code: str) -> Iterator[Verb]:
    """What can be done to all runs of a status and an error, and can help."""
    entry = CATALOGUE.get(code)
    never = code == NO_CODE or (entry is not None and entry.retry is Retry.NEVER)
    helps = {
        "retry": (status == "failed" and not never) or (status == "skipped" and code == SKIPPED_BY_HAND),
        "skip": status in ("failed", "pending"),
        "load again": status == "completed",
    }
    return (verb for verb in may_change(request) if helps[verb.name] and code != NO_CODE)


@counting_page(is_bounded=True)
def change_page(request: HttpRequest, name: str) -> HttpResponse:
    """GET: says how many runs would be changed. POST: changes them, and says what was done."""
    verb = CHANGES[name]
    if verb not in may_change(request):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    selection, code = (_items if "item" in given else _runs)(request, given, verb)
    context = ask_or_apply(request, verb, selection)
    if context is None:
        return redirect(selection.back)
    context |= {"entry": CATALOGUE.get(code)}
    return render_page(request, "change", context, here="runs", status=400 if selection.errors else 200)


def _runs(request: HttpRequest, given: QueryDict, verb: Verb) -> tuple[Selection, str]:
    """The runs that are ticked, or all that the parameters choose; and their error code, where it is one."""
    ticked = "ticked" in given or "run" in given
    wanted = ConsoleQuery(request, given, **({} if ticked else {"status": verb.status}))
    # A parameter that was not understood would be left out, and the change would be of more than was meant.
    problems = [*wanted.problems, *wanted.unknown]
    errors = [*problems, _NOT_UNDERSTOOD] if problems or wanted.error_code == NO_CODE else []
    if ticked and not wanted.runs:
        errors = [NONE_TICKED]
    fields = [*wanted.chosen.items(), *(("run", run) for run in wanted.runs)]
    back = reverse("console:runs", query=wanted.chosen)
    return Selection(wanted.what, wanted.words, fields, errors, back), wanted.error_code


def _items(request: HttpRequest, given: QueryDict, _verb: Verb) -> tuple[Selection, str]:
    """Exactly these items, as the admin's list ticks them: what goes to other destinations is not meant."""
    ids, owner_id = tuple(filter(None, map(as_uuid, given.getlist("item"))))[:MOST_TICKED], own_scope(request)
    unknown = unknown_parameters(given, ["item"])
    what = ItemFilter(item_ids=ids, user_ids=None if owner_id is None else (owner_id,))
    words = [f"{counted(len(ids), 'ticked run')}, each in one destination"]
    errors = [*unknown, _NOT_UNDERSTOOD] if unknown else []
    fields = [("item", str(id_)) for id_ in ids]
    return Selection(what, words, fields, errors, reverse("console:runs")), ""


@form_page
def retry_one(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """POST retries one item, from its run's page. GET leads there, since a log-in in between ends in a GET."""
    if not may_retry(request):
        raise PermissionDenied
    try:
        item = find_item(item_id, own_scope(request))
        if request.method != "POST":
            return redirect("console:run", execution_id=item.execution_id)
        check_rate("retry", viewer(request).pk)
        success, said = retry_failed_sync(item.pk, own_scope(request))
    except SyncQueueItem.DoesNotExist:
        raise Http404("There is no such item.") from None
    (messages.success if success else messages.warning)(request, said)
    return redirect("console:run", execution_id=item.execution_id)
