"""The worker processes: which live, what each holds, and how much each gets done."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from sync.reporting import history, holdings, list_workers
from sync.web.console.access import console_page, own_scope, render_page


@console_page
def workers_page(request: HttpRequest) -> HttpResponse:
    """For staff who may see everyone's."""
    if own_scope(request) is not None:
        raise PermissionDenied
    now, _ = history.clock()
    there = list_workers(now)
    ids = [line.worker.pk for line in there.lines]
    held, hourly = holdings(ids), history.rates(ids, now, minutes=60)
    context = {
        "now": now,
        "there": there,
        "lines": [
            {"line": line, "held": held[line.worker.pk], "loads": round(60 * hourly.get(line.worker.pk, 0.0))}
            for line in there.lines
        ],
        "more": any(line.in_flight > len(held[line.worker.pk]) for line in there.lines),
    }
    return render_page(request, "workers", context)
