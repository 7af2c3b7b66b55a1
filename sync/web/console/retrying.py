"""Another try for what failed: first how many, then exactly these."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sync.destinations import check_rate
from sync.errors import CATALOGUE
from sync.models import SyncQueueItem
from sync.operations import find_item, retry_failed_sync
from sync.web.console.access import console_page, may_retry, own_scope, viewer
from sync.web.console.query_parameters import NO_CODE, ConsoleQuery
from sync.web.shared import VERBS, Selection, ask_or_apply

_NOT_UNDERSTOOD = (
    "The filters of this address were not understood, so nothing is retried: it could be more than you meant."
)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page
def retry_page(request: HttpRequest) -> HttpResponse:
    """GET: says how many items would be retried. POST: retries them, and says what was done."""
    if not may_retry(request):
        raise PermissionDenied
    wanted = ConsoleQuery(request, request.POST if request.method == "POST" else None)
    # A parameter that was not understood would be left out, and the retry would change more than was meant.
    problems = [*wanted.problems, *wanted.unknown]
    errors = [*problems, _NOT_UNDERSTOOD] if problems or wanted.error_code == NO_CODE else []
    kept = wanted.but_status
    back = reverse("console:runs", query={"status": "failed", **kept})
    what = replace(wanted.what, statuses=(SyncQueueItem.Status.FAILED.value,))
    selection = Selection(what, ["failed items", *wanted.words], list(kept.items()), errors, back)
    context = ask_or_apply(request, VERBS["retry"], selection)
    if context is None:
        return redirect("console:home")
    context |= {"here": "runs", "now": timezone.now(), "entry": CATALOGUE.get(wanted.error_code)}
    return render(request, "console/retry.html", context, status=400 if errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page
def retry_one(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """POST retries one item, from its execution's page. GET leads there, since a log-in in between ends in a GET."""
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
