"""Leaves runs out of Snowflake: a rule for these executions, in each of their destinations."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import SnowflakeConfiguration
from sync.destinations import NotDoneError, check_rate
from sync.errors import SyncError
from sync.models import SyncQueueItem
from sync.operations import leave_out, rules_of
from sync.reporting import VIEW_DESTINATIONS, counted, scope_of
from sync.rules import RulesError
from sync.web.console.access import counting_page, demand, render_page, viewer
from sync.web.console.bulk import NONE_TICKED
from sync.web.console.query_parameters import ConsoleQuery

# Destinations whose rules are changed at once; who means more means a rule.
MOST_DESTINATIONS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """The runs that a destination is to leave out, and the version of the rules that somebody has seen."""

    configuration: SnowflakeConfiguration
    runs: tuple[str, ...]
    loaded: int
    version: int

    @property
    def field(self) -> str:
        """As the form sends it: what was seen, and how many were counted."""
        return f"{self.configuration.pk}:{self.version}:{len(self.runs)}"


@counting_page(is_bounded=True)
def leave_out_page(request: HttpRequest) -> HttpResponse:
    """GET: says how many runs each destination would leave out. POST: adds a rule to each, if that is still so."""
    demand(request)
    given = request.POST if request.method == "POST" else request.GET
    wanted = ConsoleQuery(request, given)
    back = reverse("console:runs", query=wanted.chosen)
    errors = [*wanted.problems]
    if not wanted.runs:
        errors.append(NONE_TICKED)
    try:
        parts = [] if errors else _parts(request, wanted)
    except SyncError as error:
        parts, errors = [], [*errors, str(error)]
    if not errors and not parts:
        errors.append("None of these runs is for a destination.")
    if len(parts) > MOST_DESTINATIONS:
        errors.append(
            f"They are for {len(parts)} destinations. Choose one of them in the list first, or write a rule for the "
            "workflow where the destination's data are."
        )
    fields = [*wanted.chosen.items(), *(("run", run) for run in wanted.runs), *(("part", part.field) for part in parts)]
    if request.method == "POST" and not errors:
        if given.getlist("part") == [part.field for part in parts]:
            _leave_out(request, parts)
            return redirect(back)
        errors.append("Something has changed since these were counted. Look again, and confirm that.")
    context = {"parts": parts, "errors": errors, "hidden": fields, "back": back}
    context["button"] = f"Leave out {counted(len(wanted.runs), 'run')}"
    return render_page(request, "leave_out", context, here="runs", status=400 if errors else 200)


def _parts(request: HttpRequest, wanted: ConsoleQuery) -> list[Part]:
    """Of the destinations that the viewer may see, as on their own pages. Raises `rules_unreadable`."""
    items = wanted.what.items.filter(configuration__isnull=False).order_by("configuration", "execution")
    owner = scope_of(viewer(request), VIEW_DESTINATIONS)
    if owner is not None:
        items = items.filter(configuration__user=owner)
    found: dict[object, list[tuple[str, str]]] = {}
    for configuration_id, execution_id, status in items.values_list("configuration", "execution", "status"):
        found.setdefault(configuration_id, []).append((execution_id, status))
    configurations = SnowflakeConfiguration.objects.in_bulk(list(found))
    return [
        Part(
            configurations[id_],
            tuple(run for run, _ in runs),
            sum(status == SyncQueueItem.Status.COMPLETED for _, status in runs),
            rules_of(configurations[id_].pk).version,
        )
        for id_, runs in found.items()
        if id_ in configurations
    ]


def _leave_out(request: HttpRequest, parts: Sequence[Part]) -> None:
    check_rate("configure", viewer(request).pk)
    for part in parts:
        try:
            name = leave_out(
                part.configuration.pk, part.runs, author=viewer(request).email, expected_version=part.version
            )
        except (NotDoneError, RulesError, SyncError) as error:
            messages.warning(request, f"{part.configuration}: {error}")
            continue
        said = f"{part.configuration} leaves out {counted(len(part.runs), 'run')}, by the rule \u201c{name}\u201d."
        messages.success(request, said)
