"""What is in a destination against what was loaded: the last look, what it found, and what is done about that."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from accounts.models import SnowflakeConfiguration
from sync.destinations import check_rate
from sync.models import SyncFinding, SyncReconciliation
from sync.operations import CURES, Cure, cure_finding, cures_of, subject, what_to_do
from sync.reporting import counted, otherwise, tables_otherwise
from sync.warehouse import KINDS, ask_look, said
from sync.web.console.access import viewer
from sync.web.console.destination_access import destination_act, destination_page, render_destination

LISTED = 100


@destination_page
def contents_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """The open findings, those of a kind together, and how the last look went."""
    found = SyncFinding.objects.filter(configuration=about, closed_at=None).order_by("kind", "first_seen_at", "pk")
    known = SyncReconciliation.objects.filter(pk=about.pk).first()
    count, unlisted = found.count(), known.unlisted if known else 0
    return render_destination(
        request,
        about,
        "contents",
        look=known,
        findings=list(_shown(found[:LISTED])),
        otherwise=otherwise(tables_otherwise(found), unlisted) if count or unlisted else "",
        more=max(0, count - LISTED) + unlisted,
    )


def _shown(findings: Iterable[SyncFinding]) -> Iterator[dict[str, Any]]:
    for one in findings:
        yield {
            "finding": one,
            "kind": KINDS.get(one.kind, one.kind),
            "subject": subject(one),
            "said": said(one.kind, one.expected, one.found),
            "what_to_do": what_to_do(one),
            "cures": [(cure, CURES[cure]) for cure in cures_of(one)],
        }


@destination_act("contents")
def look_now(request: HttpRequest, about: SnowflakeConfiguration) -> None:
    """Some worker looks within a minute."""
    check_rate("check", viewer(request).pk)
    ask_look(about.pk)
    messages.success(request, "Asked for: a worker looks within a minute, and what it finds stands here then.")


@destination_act("contents")
def cure(request: HttpRequest, about: SnowflakeConfiguration) -> None:
    """Loads the runs of a finding again, or adopts what is there."""
    check_rate("retry", viewer(request).pk)
    wanted = request.POST.get("cure", "")
    number = request.POST.get("finding", "")
    known = SyncFinding.objects.filter(configuration=about, closed_at=None)
    finding = known.filter(pk=number).first() if number.isascii() and number.isdigit() and len(number) < 19 else None
    if finding is None or wanted not in CURES:
        messages.info(request, "That is no finding any more.")
        return
    queued = cure_finding(finding.pk, Cure(wanted))
    if wanted == Cure.ADOPT:
        messages.success(request, f"Adopted: {subject(finding)} is right as it is.")
    else:
        messages.success(request, f"{counted(queued, 'run is', 'runs are')} loaded again into {subject(finding)}.")
