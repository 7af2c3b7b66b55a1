"""Another try for what failed: first how many, then exactly these."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sync.destinations import count
from sync.errors import CATALOGUE
from sync.models import SyncQueueItem
from sync.operations import RETRYING, Carried, Mark, Prospect, carry_out, foresee, retry_failed_sync
from sync.reporting import counted
from sync.web.console.access import may_retry, monitor_page, own_scope, viewer
from sync.web.console.items import kept_query, meant
from sync.web.console.query_parameters import NO_CODE, Filters, filters
from sync.web.shared import Confirmed

# Seconds that a request goes on retrying before it asks whether to go on.
DOING = 10.0


@require_http_methods(["GET", "HEAD", "POST"])
@monitor_page
def retry_page(request: HttpRequest) -> HttpResponse:
    """GET: how many they are. POST: does it, and tells."""
    if not may_retry(request):
        raise PermissionDenied
    wanted = filters(request, request.POST if request.method == "POST" else None)
    # What was not understood would be left out, and the retry wider than what was meant.
    refused = bool(wanted.problems) or wanted.code == NO_CODE
    confirmed = Confirmed(request.POST)
    if request.method != "POST" or refused or not confirmed.is_valid():
        return _confirm(request, wanted, None if refused else foresee(RETRYING, meant(wanted)))
    count("retry", viewer(request).pk)
    data = confirmed.cleaned_data
    done = carry_out(
        RETRYING, meant(wanted), as_of=data["as_of"], wanted=data["wanted"], mark=confirmed.mark, seconds=DOING
    )
    _tell(request, wanted, data["wanted"], done)
    if done.finished:
        return redirect("monitor:overview")
    return _confirm(request, wanted, Prospect(data["as_of"], done.left, {}, 0), done.mark)


@require_http_methods(["GET", "HEAD", "POST"])
@monitor_page
def retry_one(request: HttpRequest, item_id: str) -> HttpResponse:
    """POST: one item, from its execution's page. GET leads there: a log-in in between comes back with one."""
    if not may_retry(request):
        raise PermissionDenied
    try:
        item = SyncQueueItem.objects.only("execution_id").get(pk=item_id)
        if request.method != "POST":
            return redirect("monitor:execution", execution_id=item.execution_id)
        count("retry", viewer(request).pk)
        success, said = retry_failed_sync(item.pk, own_scope(request))
    except SyncQueueItem.DoesNotExist:
        raise Http404("There is no such item.") from None
    (messages.success if success else messages.warning)(request, said)
    _record(request, f"Retry: execution {item.execution_id}", said, item_id)
    return redirect("monitor:execution", execution_id=item.execution_id)


def _confirm(
    request: HttpRequest, wanted: Filters, prospect: Prospect | None, mark: Mark | None = None
) -> HttpResponse:
    fields = QueryDict(kept_query(wanted)).items()
    context = {
        "here": "items",
        "now": timezone.now(),
        "wanted": wanted,
        "entry": CATALOGUE.get(wanted.code),
        "prospect": prospect,
        "mark": mark,
        "fields": list(fields),
        "items": f"{reverse('monitor:items')}?status=failed&{kept_query(wanted)}",
        "many": counted(prospect.wanted, "item") if prospect else "",
    }
    return render(request, "monitor/retry.html", context, status=200 if prospect else 400)


def _tell(request: HttpRequest, wanted: Filters, many: int, done: Carried) -> None:
    parts = [
        f"{done.changed:,} of {counted(many, 'item')} {'is' if many == 1 else 'are'} pending again",
        f"{counted(done.meanwhile, 'item')} left alone: changed since they were counted" if done.meanwhile else "",
        f"{counted(done.held, 'item')} left alone: held by somebody else, try again in a moment" if done.held else "",
        f"{counted(done.no_owner, 'item')} left alone: without owner" if done.no_owner else "",
        f"{counted(done.left, 'item')} not reached in the time" if done.left else "",
    ]
    said = "; ".join(filter(None, parts)) + "."
    (messages.success if done.changed == many else messages.warning)(request, said)
    _record(request, f"Retry: {kept_query(wanted) or 'all failed items'}", said)


def _record(request: HttpRequest, title: str, said: str, item_id: str | None = None) -> None:
    """Into the log of who did what, which the admin shows."""
    LogEntry.objects.create(
        user_id=str(viewer(request).pk),
        content_type=ContentType.objects.get_for_model(SyncQueueItem),
        object_id=item_id,
        object_repr=title[:200],
        action_flag=CHANGE,
        change_message=said,
    )
