"""Lists of items: those that a number on the first page counted, or those that somebody asks for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from sync.errors import CATALOGUE, Retry
from sync.models import SyncQueueItem
from sync.reporting import ListPage, list_failed_items, list_items
from sync.web.console.access import console_page, may_retry, own_scope
from sync.web.console.overview import destinations_to_choose
from sync.web.console.query_parameters import NO_CODE, ConsoleQuery

AT_ONCE = 50


@console_page
def items_page(request: HttpRequest) -> HttpResponse:
    """A page of items, and the address of the next page."""
    wanted = ConsoleQuery(request)
    page = _page(wanted)
    failed = wanted.status == SyncQueueItem.Status.FAILED
    context = {
        "here": "runs",
        "now": timezone.now(),
        "page": page,
        "rows": [{"item": item, "entry": CATALOGUE.get(item.error_code or "")} for item in page.items],
        "wanted": wanted,
        "entry": CATALOGUE.get(wanted.error_code),
        "choices": destinations_to_choose(wanted),
        "statuses": SyncQueueItem.Status.values,
        "codes": sorted(CATALOGUE),
        "is_staff": own_scope(request) is None,
        "retry": f"/retry?{urlencode(wanted.but_status)}" if failed and _may_retry_these(request, wanted, page) else "",
    }
    return render(request, "console/items.html", context)


def _page(wanted: ConsoleQuery) -> ListPage:
    if wanted.status == SyncQueueItem.Status.FAILED:
        no_code = wanted.error_code == NO_CODE
        return list_failed_items(wanted.what, without_code=no_code, limit=AT_ONCE, after=wanted.after)
    return list_items(wanted.what, limit=AT_ONCE, after=wanted.after)


def _may_retry_these(request: HttpRequest, wanted: ConsoleQuery, page: ListPage) -> bool:
    entry = CATALOGUE.get(wanted.error_code)
    helps = wanted.error_code != NO_CODE and not (entry and entry.retry is Retry.NEVER)
    return helps and bool(page.items) and may_retry(request)
