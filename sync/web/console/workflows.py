"""The workflows of an owner, or of everybody: what became of their runs lately, and where each goes."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.errors import CATALOGUE
from sync.models import Workflow
from sync.operations import Choices
from sync.reporting import (
    CHANGE_DESTINATIONS,
    VIEW_DESTINATIONS,
    Lately,
    WorkflowRun,
    WorkflowViews,
    counted,
    lately,
    may,
    named_destinations,
    number,
    runs_of,
    scope_of,
    views_of,
    workflows_of,
)
from sync.rules import documents, latest_of
from sync.snowflake.identifiers import readable, resolve
from sync.web.console.access import console_page, own_scope, render_page, viewer
from sync.web.console.query_parameters import midnight
from sync.web.shared import bars_spark, duration

# Workflows on a page, destinations that are shown of each owner, and how far back what became of runs is looked at.
PAGE, PLACES = 40, 4
BACK, FAR = timedelta(days=7), timedelta(days=30)
# Runs of a workflow in its curves, and in its list.
CURVE, LISTED = 60, 20


class Place(NamedTuple):
    """A workflow in a destination. `state`: see Synced; empty: the rules cannot be read."""

    configuration: SnowflakeConfiguration
    state: str
    lately: Lately | None


class Line(NamedTuple):
    """A workflow, where it goes, and to how many `more`; sums over all. `latest`: what became of it last, anywhere."""

    workflow: Workflow
    places: list[Place]
    more: int
    today: int
    latest: Lately | None
    success: int | None


class Target(NamedTuple):
    """Where a workflow goes, what became of its last run there, the table of what it loaded last, and its views."""

    configuration: SnowflakeConfiguration
    state: str
    latest: WorkflowRun | None
    table: str
    run: WorkflowRun | None
    views: WorkflowViews | None


@console_page
def workflows_page(request: HttpRequest) -> HttpResponse:
    """A page of workflows, by name."""
    owner, asked = own_scope(request), request.GET.get("q", "").strip()
    found = workflows_of(owner, asked)
    page = Paginator(found.select_related("user"), PAGE).get_page(request.GET.get("page"))
    workflows = list(page)
    now = timezone.now()
    became = lately(workflows, since=now - BACK, today=midnight(timezone.localdate(now)))
    places = _destinations({one.user_id for one in workflows if one.user_id})
    context = {
        "now": now,
        "lines": _lines(workflows, became, places),
        "since": next((one.since for one in became if one.since), None),
        "pages": page,
        "q": asked,
        "sees_data": owner is not None or scope_of(viewer(request), VIEW_DESTINATIONS) is None,
    }
    return render_page(request, "workflows", context)


@console_page
def workflow_page(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """One workflow. 404 also if it is somebody else's."""
    workflow = workflows_of(own_scope(request)).filter(pk=workflow_id).select_related("user").first()
    if workflow is None:
        raise Http404("There is no such workflow.")
    now = timezone.now()
    runs = runs_of(workflow, since=now - FAR, most=CURVE)
    places = _destinations({workflow.user_id} if workflow.user_id else set())
    names: dict[UUID | None, SnowflakeConfiguration] = {one.pk: one for one in places}
    loaded = [run for run in reversed(runs) if run.status == "completed"]
    failed = Counter((run.error_code, run.configuration_id) for run in runs if run.status == "failed")
    context = {
        "now": now,
        "workflow": workflow,
        "targets": _targets(workflow, places, runs),
        "runs": [(run, names.get(run.configuration_id)) for run in runs[:LISTED]],
        "curves": _curves(loaded),
        "loaded": loaded,
        "failures": [
            (code or "", CATALOGUE.get(code or ""), names.get(where), times)
            for (code, where), times in failed.most_common()
        ],
        "looked_at": len(runs),
        "sees_data": scope_of(viewer(request), VIEW_DESTINATIONS) in (None, workflow.user_id),
        "may_change": may(viewer(request), CHANGE_DESTINATIONS),
    }
    return render_page(request, "workflow", context, here="workflows")


def _destinations(owners: set[UUID]) -> list[SnowflakeConfiguration]:
    return list(named_destinations(None).filter(user__in=owners).order_by("created_at", "pk")) if owners else []


def _lines(
    workflows: Sequence[Workflow], became: Sequence[Lately], places: Sequence[SnowflakeConfiguration]
) -> list[Line]:
    by_workflow: dict[UUID, dict[UUID | None, Lately]] = defaultdict(dict)
    for one in became:
        by_workflow[one.workflow][one.configuration_id] = one
    of_owner: dict[UUID | None, list[SnowflakeConfiguration]] = defaultdict(list)
    for place in places:
        of_owner[place.user_id].append(place)
    states = _States(places)
    lines = []
    for workflow in workflows:
        there = by_workflow[workflow.pk]
        shown = of_owner[workflow.user_id][:PLACES]
        found = [Place(one, states.of(one.pk, workflow.workflow_id), there.get(one.pk)) for one in shown]
        latest = max(there.values(), key=lambda one: one.latest, default=None)
        ended = sum(one.loaded + one.failed for one in there.values())
        success = sum(one.loaded for one in there.values()) * 100 // ended if ended else None
        # In several destinations it is one run.
        today = max((one.today for one in there.values()), default=0)
        lines.append(Line(workflow, found, len(of_owner[workflow.user_id]) - len(found), today, latest, success))
    return lines


class _States:
    """By the rules in force, read once for all destinations."""

    def __init__(self, places: Sequence[SnowflakeConfiguration]) -> None:
        self._rules = {
            id_: None if rules is None else documents(rules.scope)
            for id_, rules in latest_of([one.pk for one in places]).items()
        }

    def of(self, configuration_id: UUID, workflow_id: str) -> str:
        rules = self._rules.get(configuration_id, [])
        return "" if rules is None else Choices(rules, workflow_id).synced.state


def _targets(workflow: Workflow, places: Sequence[SnowflakeConfiguration], runs: Sequence[WorkflowRun]) -> list[Target]:
    states, views = _States(places), views_of(workflow.pk)
    found = []
    for place in places:
        there = [run for run in runs if run.configuration_id == place.pk]
        run = next((run for run in there if run.table_name and run.schema_name), None)
        table = ""
        if run and run.schema_name and run.table_name:
            table = readable(resolve(place.database), run.schema_name, run.table_name)
        state, latest = states.of(place.pk, workflow.workflow_id), next(iter(there), None)
        found.append(Target(place, state, latest, table, run, views.get(place.pk)))
    return found


def _curves(loaded: Sequence[WorkflowRun]) -> list[tuple[str, str, str]]:
    """Rows and time of each load, the oldest first, with what the last one had."""
    if not loaded:
        return []
    before = [0.0] * (CURVE - len(loaded))
    rows, seconds = [float(run.row_count or 0) for run in loaded], [run.seconds or 0.0 for run in loaded]
    loads = counted(len(loaded), "load")
    return [
        ("Rows", number(rows[-1]), bars_spark([*before, *rows], f"Rows of the last {loads}")),
        ("Time", duration(seconds[-1]), bars_spark([*before, *seconds], f"Time of the last {loads}")),
    ]
