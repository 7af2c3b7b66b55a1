"""What becomes of one workflow's columns and rows on the way to a destination: chosen, tried, saved as one version."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import Workflow, WorkflowExecution
from sync.operations import KEEP, Choices, RulePreview, Treatment, flat, preview_rules
from sync.postgres import TooSlowError, bounded_reading
from sync.reporting import VIEW_RESULTS, RecentColumns, recent_columns, runs_of, scope_of
from sync.rules import RuleSet
from sync.web.console.access import demand, viewer
from sync.web.console.data_conditions import OPERATORS, ConditionLine, condition_lines, condition_of
from sync.web.console.destination_access import render_destination, told
from sync.web.console.rule_drafts import Document, Draft, brief, drafted, opened, saved

# Columns on a page; conditions on rows that a form holds, and empty ones besides; pairs of values that are shown.
PAGE, CONDITIONS, BLANK, PAIRS = 50, 20, 2, 2
# Runs that a preview may be of.
LAST = 20
BACK = timedelta(days=30)
# Where a result has no more rows than that, its values are shown without being asked for; and seconds for it.
CHEAP, SECONDS = 10_000, 1.0
FACTS = ("workflow_name", "workflow_id", "execution_id", "created_at", "started_at", "completed_at")
# By the names in the form.
TREATMENTS = {
    "keep": ("keep", KEEP),
    "drop": ("drop", Treatment("drop")),
    "hash": ("hash", Treatment("hash")),
    "mask": ("mask all", Treatment("mask")),
    "mask-last": ("mask all but the last 4", Treatment("mask", (("keep", "last"),))),
    "mask-first": ("mask all but the first 4", Treatment("mask", (("keep", "first"),))),
    "mask-domain": ("mask all but the domain", Treatment("mask", (("keep", "domain"),))),
    "null": ("leave empty", Treatment("null")),
}


class ColumnLine(NamedTuple):
    """A column of recent results. `chosen`: a name in TREATMENTS, or “as it is” for another one of its rule.

    `others`: rules that do something to it besides. `pairs`: values before and after, unless it `is_gone` then.
    """

    key: str
    type: str | None
    results: int
    chosen: str
    to: str
    others: list[str]
    pairs: list[tuple[str | None, str | None]]
    is_gone: bool
    distinct: int | None
    may_choose: bool


def workflow_data(request: HttpRequest, about: SnowflakeConfiguration, workflow_id: str) -> HttpResponse:
    """The page of one workflow. 404 also if it is not one of the destination's owner."""
    workflow = Workflow.objects.filter(user=about.user_id).known_as(workflow_id).first()
    if workflow is None:
        raise Http404("There is no such workflow.")
    page = _Page(request, about, workflow)
    if request.method != "POST":
        return page.show(opened(about))
    demand(request)
    with told(request):
        draft = drafted(request, about, page.edited)
        if request.POST.get("act") != "save" or not saved(request, about, draft):
            return page.show(draft)
    return redirect(request.get_full_path())


class _Page:
    def __init__(self, request: HttpRequest, about: SnowflakeConfiguration, workflow: Workflow) -> None:
        self._request, self._about, self._workflow = request, about, workflow
        since = timezone.now() - BACK
        with bounded_reading(settings.API_READ_TIMEOUT):
            runs = runs_of(workflow, since=since, most=2 * LAST)
            self._executions = list(dict.fromkeys(run.execution_id for run in runs))[:LAST]
            self._seen = recent_columns(workflow, self._executions)
        self._sees_values = scope_of(viewer(request), VIEW_RESULTS) in (None, about.user_id)

    def show(self, draft: Draft) -> HttpResponse:
        request, choices = self._request, self._choices(draft.rules)
        columns = Paginator(self._meant(), PAGE).get_page(request.GET.get("page"))
        preview, said = self._preview(draft.read)
        conditions = list(condition_lines(choices.filtered))
        context = {
            "workflow": self._workflow,
            "draft": draft,
            "choices": choices,
            "seen": self._seen,
            "lines": list(_lines(choices, self._seen, columns, preview)),
            "pages": columns,
            "q": request.GET.get("q", ""),
            "treatments": {name: words for name, (words, _) in TREATMENTS.items()},
            "operators": OPERATORS,
            "facts": FACTS,
            "how": (flat(choices.filtered["where"]) or ("all",))[0] if choices.filtered else "all",
            "conditions": [*conditions, *[ConditionLine()] * BLANK],
            "deep": [(rule["name"], brief(rule)) for rule in _by_hand(choices)],
            "executions": self._executions,
            "sees_values": self._sees_values,
            "asked": self._asked,
            "preview": preview,
            "said": said,
            "is_draft": request.method == "POST",
        }
        return render_destination(request, self._about, "data", "data_workflow", **context)

    def edited(self, base: list[Document], there: list[Document]) -> list[Document]:
        """The rules with what was chosen on the page, as far as that is not what it was opened with."""
        sent = self._request.POST
        before, wanted = self._choices(base), self._choices(there, sent.get("note", "").strip())
        known = {one.key for one in self._seen.columns if "*" not in one.key} if wanted.may_choose else set()
        for number in range(PAGE):
            # A name with the end of a line in it comes back as another one.
            if (key := sent.get(f"key-{number}")) not in known or key is None:
                continue
            chosen = TREATMENTS.get(sent.get(f"do-{number}", ""), ("", None))[1]
            if chosen is not None and chosen != before.treatment(key):
                wanted.treat(key, chosen)
            if (to := sent.get(f"to-{number}", "").strip()) != before.renamed(key):
                wanted.rename(key, to)
        if wanted.may_choose:
            self._edit_rows(before, wanted)
            self._add_column(wanted)
        return wanted.rules

    def _edit_rows(self, before: Choices, wanted: Choices) -> None:
        sent, old = self._request.POST, before.filtered
        was_how, was = (flat(old["where"]) or ("all", [])) if old else ("all", [])
        known = dict(zip(condition_lines(old), was, strict=True))
        typed = [
            ConditionLine(*(sent.get(f"{name}-{number}", "").strip() for name in ("column", "operator", "value")))
            for number in range(CONDITIONS)
        ]
        conditions = [known.get(line) or condition_of(line, self._seen.columns) for line in typed if line.column]
        how = "any" if sent.get("how") == "any" else "all"
        if "how" in sent and (conditions != was or (how != was_how and len(conditions) > 1)):
            wanted.filter_rows(conditions, how=how)

    def _add_column(self, wanted: Choices) -> None:
        sent = self._request.POST
        name, source, value = (sent.get(f"added-{part}", "").strip() for part in ("name", "from", "value"))
        if name:
            said = {"fact": source} if source in FACTS else {source if source == "parameter" else "constant": value}
            if {"column": name, **said} not in [_only_source(rule) for rule in wanted.added]:
                wanted.add_column({"column": name, **said})

    def _preview(self, rules: RuleSet | None) -> tuple[RulePreview | None, str]:
        """Of the execution that is asked for; of the newest, if that is cheap. Else, why there is none."""
        asks = self._request.POST.get("act") == "preview" or bool(self._asked)
        chosen = self._asked or self._seen.newest
        if not self._sees_values or not chosen or rules is None:
            return None, ""
        if not asks and (self._seen.rows is None or self._seen.rows > CHEAP):
            return None, ""
        try:
            draft = rules if self._request.method == "POST" else None
            seconds = {} if asks else {"seconds": SECONDS}
            return preview_rules(self._about, chosen, draft, user=viewer(self._request), **seconds), ""
        except WorkflowExecution.DoesNotExist:
            return None, f"The owner of the destination has no execution {chosen}: choose one of the list."
        except TooSlowError:
            return None, "Not even its first rows could be read in time. Choose another one." if asks else ""

    @property
    def _asked(self) -> str:
        given = self._request.POST.get("execution") or self._request.GET.get("execution", "")
        return given.replace("\0", "\ufffd").strip()

    def _choices(self, rules: list[Document], note: str = "") -> Choices:
        return Choices(rules, self._workflow.workflow_id, self._workflow.name or "", note)

    def _meant(self) -> list[str]:
        asked = self._request.GET.get("q", "").strip().casefold()
        return [one.key for one in self._seen.columns if asked in one.key.casefold()]


def _lines(
    choices: Choices, seen: RecentColumns, keys: Iterable[str], preview: RulePreview | None
) -> Iterator[ColumnLine]:
    known = {one.key: one for one in seen.columns}
    pairs, distinct = _pairs(preview), _distinct(preview)
    codes = {treatment: name for name, (_, treatment) in TREATMENTS.items()}
    goes = {column.key for column in preview.after.columns} if preview and preview.after.columns else None
    for key in keys:
        chosen = codes.get(choices.treatment(key), "as it is")
        may = choices.may_choose and "*" not in key
        yield ColumnLine(
            key,
            known[key].type,
            known[key].results,
            chosen,
            choices.renamed(key),
            choices.others(key),
            pairs.get(key, []),
            goes is not None and key not in goes,
            distinct.get(key),
            may,
        )


def _pairs(preview: RulePreview | None) -> dict[str, list[tuple[str | None, str | None]]]:
    """By column, some values as the result has them, and as they would be in Snowflake."""
    if preview is None:
        return {}
    after: dict[tuple[int, str], str | None] = {
        (row.number, column.key): value
        for row in preview.after.rows
        for column, value in zip(preview.after.header, row.values, strict=True)
        if column.key is not None
    }
    found: dict[str, list[tuple[str | None, str | None]]] = {}
    kept = {row.number for row in preview.after.rows}
    for row in preview.before.rows:
        for column, value in zip(preview.before.header, row.values, strict=True):
            pairs = found.setdefault(column.key or "", [])
            if row.number in kept and len(pairs) < PAIRS:
                pairs.append((value, after.get((row.number, column.key or ""))))
    return found


def _distinct(preview: RulePreview | None) -> Mapping[str, int | None]:
    if preview is None or preview.statistics is None:
        return {}
    keys = {column.name: column.key for column in preview.after.columns if column.key}
    return {keys[one.name]: one.distinct for one in preview.statistics.columns if one.name in keys}


def _by_hand(choices: Choices) -> list[Document]:
    """The rules on rows, and those that add columns, which no field of the form is for."""
    return [rule for rule in [*choices.rows, *choices.added] if rule is not choices.filtered]


def _only_source(rule: Document) -> Document:
    return {key: rule[key] for key in ("column", "fact", "parameter", "constant") if key in rule}
