"""The list of runs: filters that are addresses, each with its number, and boxes to tick."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from sync.errors import CATALOGUE
from sync.models import SyncQueueItem, called
from sync.queue import ItemFilter
from sync.reporting import CHANGE_DESTINATIONS, Number, Run, RunItem, count_runs, list_runs, may
from sync.snowflake.identifiers import readable, resolve
from sync.web.console.access import console_page, render_page, viewer
from sync.web.console.bulk import may_change, offered
from sync.web.console.lists import destinations_to_choose, suggested_workflows
from sync.web.console.query_parameters import ConsoleQuery, days
from sync.web.console.run_form import DAYS
from sync.web.shared import STATUS_WORDS, error_name, number, rows

AT_ONCE = 30
# Of the queue's statuses, `skipped` is of both, and each row says which it is.
_WORDS = STATUS_WORDS | {"skipped": "left out, or no destination"}
Status = SyncQueueItem.Status


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as a line: a chip for each destination, and what is the same for all."""

    run: Run
    rows: str
    tables: tuple[str, ...]

    @property
    def name(self) -> str:
        return called(self.run.workflow_name, self.run.workflow_id or "no workflow")


def row_of(run: Run) -> RunRow:
    """The line; rows are those of the first destination that has them."""
    loaded = [item for item in run.items if item.row_count is not None]
    return RunRow(run, rows(loaded[0]) if loaded else "", tuple(filter(None, map(table_of, run.items))))


def table_of(item: RunItem | SyncQueueItem) -> str:
    """The full name of the table that the run is in; empty where it is in none."""
    if item.configuration is None or not (item.schema_name and item.table_name):
        return ""
    return readable(resolve(item.configuration.database), item.schema_name, item.table_name)


@console_page
def runs_page(request: HttpRequest) -> HttpResponse:
    """A page of runs, and the addresses of those beside it."""
    wanted = ConsoleQuery(request)
    what = wanted.what
    page = list_runs(what, limit=AT_ONCE, after=wanted.after, before=wanted.before)
    spans = {"": wanted.span} | {name: days(name) for name in DAYS if name != wanted.when}
    numbers = count_runs(what, spans)
    total = numbers.get(("", wanted.status), Number())
    context = {
        "page": page,
        "rows": [row_of(run) for run in page.runs],
        "wanted": wanted,
        "total": total,
        "said": said(total),
        "homeless": _homeless(wanted, what),
        "days": list(_days(wanted, numbers)),
        "statuses": list(_statuses(wanted, numbers)),
        "entry": CATALOGUE.get(wanted.error_code),
        "choices": destinations_to_choose(wanted),
        "workflows": suggested_workflows(wanted.owner_id),
        "codes": [(code, error_name(code)) for code in sorted(CATALOGUE)],
        "is_live": not (wanted.after or wanted.before),
        "verbs": may_change(request),
        "may_leave_out": may(viewer(request), CHANGE_DESTINATIONS),
        "matching": _matching(request, wanted, total),
        "export": urlencode(wanted.chosen),
        "kept": [
            (name, value) for name, value in wanted.chosen.items() if name in ("status", "when", "since", "until")
        ],
        "filtered": [*wanted.chosen.items()],
        "narrowed": bool({*wanted.chosen} - {"status", "when", "since", "until"}),
    }
    return render_page(request, "runs", context)


def said(found: Number) -> str:
    """`40`; `2,000+` where more may be found."""
    return number(found.value) + ("" if found.is_exact else "+")


def _homeless(wanted: ConsoleQuery, what: ItemFilter) -> str:
    """Of what was skipped, how many wait for a destination; empty: none, or something else is asked for."""
    if wanted.status != Status.SKIPPED or wanted.error_code:
        return ""
    found = count_runs(replace(what, error_codes=("no_destination",)), {"": wanted.span})
    homeless = found.get(("", Status.SKIPPED), Number())
    return said(homeless) if homeless.value else ""


def _days(wanted: ConsoleQuery, numbers: dict[tuple[str, str], Number]) -> Iterator[dict[str, Any]]:
    words = {"today": "Today", "yesterday": "Yesterday", "7d": "7 days"}
    for name in DAYS:
        key = "" if name == wanted.when else name
        yield {
            "name": name,
            "word": words[name],
            "number": said(numbers.get((key, wanted.status), Number())),
            "is_chosen": name == wanted.when,
        }


def _statuses(wanted: ConsoleQuery, numbers: dict[tuple[str, str], Number]) -> Iterator[dict[str, Any]]:
    for name, word in {"": "all", **_WORDS}.items():
        found = numbers.get(("", name), Number())
        yield {"name": name, "word": word, "number": said(found), "is_chosen": name == wanted.status}


def _matching(request: HttpRequest, wanted: ConsoleQuery, total: Number) -> list[dict[str, str]]:
    """What may be done to all that match, where that is the same for all of them."""
    if wanted.problems or not total.value or not wanted.status:
        return []
    query = urlencode(wanted.chosen)
    return [
        {"href": f"{verb.address}?{query}", "text": f"{verb.title} all {said(total)} that match\u2026"}
        for verb in offered(request, wanted.status, wanted.error_code)
    ]
