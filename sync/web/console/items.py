"""Lists of items: what a number on the first page counted, or what one asks for."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from sync.errors import CATALOGUE, Retry
from sync.models import SyncQueueItem
from sync.queue import ItemFilter
from sync.reporting import ListPage, list_failed_items, list_items
from sync.web.console.access import may_retry, monitor_page, own_scope
from sync.web.console.overview import destinations_to_choose
from sync.web.console.query_parameters import NO_CODE, Filters, filters

AT_ONCE = 50


@monitor_page
def items_page(request: HttpRequest) -> HttpResponse:
    """A page of items, and where the next one is."""
    wanted = filters(request)
    page = _page(wanted)
    failed = wanted.status == SyncQueueItem.Status.FAILED
    context = {
        "here": "items",
        "now": timezone.now(),
        "page": page,
        "rows": [{"item": item, "entry": CATALOGUE.get(item.error_code or "")} for item in page.items],
        "wanted": wanted,
        "entry": CATALOGUE.get(wanted.code),
        "choices": destinations_to_choose(wanted),
        "statuses": SyncQueueItem.Status.values,
        "codes": sorted(CATALOGUE),
        "is_staff": own_scope(request) is None,
        "retry": f"retry?{kept_query(wanted)}" if failed and _may_retry_these(request, wanted, page) else "",
    }
    return render(request, "monitor/items.html", context)


def meant(wanted: Filters) -> ItemFilter:
    """The failed items that the filters mean, for a retry."""
    return ItemFilter(
        statuses=(SyncQueueItem.Status.FAILED.value,),
        user_ids=(wanted.owner_id,) if wanted.owner_id else None,
        configuration_ids=(wanted.destination.pk,) if wanted.destination else None,
        error_codes=(wanted.code,) if wanted.code not in ("", NO_CODE) else None,
        since=wanted.since,
        until=wanted.until,
    )


def kept_query(wanted: Filters) -> str:
    """The filters as an address has them."""
    given: dict[str, Any] = {
        "user": wanted.user.email if wanted.user else "",
        "destination": wanted.destination.pk if wanted.destination else "",
        "code": wanted.code,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
    }
    return urlencode({name: value for name, value in given.items() if value})


def _page(wanted: Filters) -> ListPage:
    if wanted.status == SyncQueueItem.Status.FAILED:
        return list_failed_items(meant(wanted), without_code=wanted.code == NO_CODE, limit=AT_ONCE, after=wanted.after)
    what = replace(meant(wanted), statuses=(wanted.status,) if wanted.status else None)
    return list_items(what, limit=AT_ONCE, after=wanted.after)


def _may_retry_these(request: HttpRequest, wanted: Filters, page: ListPage) -> bool:
    entry = CATALOGUE.get(wanted.code)
    helps = wanted.code != NO_CODE and not (entry and entry.retry is Retry.NEVER)
    return helps and bool(page.items) and may_retry(request)
