"""What rules make of one execution, before and after: those in force, or those in the form, which are not saved yet."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from accounts.models import SnowflakeConfiguration, User
from sync.models import Workflow, WorkflowExecution
from sync.operations import draft_of, preview_rules
from sync.postgres import TooSlowError, bounded_reading
from sync.reporting import VIEW_RESULTS, workflow_meant
from sync.rules import read_rules
from sync.web.admin.bounded import PATIENCE
from sync.web.admin.configuration_pages import DestinationPages, Page
from sync.web.admin.rule_forms import RulesFormSet

# Executions of a workflow that one chooses among, the newest; and workflows that are offered.
LAST, OFFERED = 20, 200


class RulePreviewPage(DestinationPages):
    """`…/{id}/rules/preview`, for who may see results. GET: by the rules in force. POST: by a draft of rules."""

    @property
    def pages(self) -> dict[str, Page]:
        page = Page(self._preview_page, self._draft_page, "rules", VIEW_RESULTS)
        return {**super().pages, "rules/preview": page}

    def _preview_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        return self._previewed(request, about, request.GET, None)

    def _draft_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        documents, problems = _drafted(request.POST, about)
        if documents is None:
            return self._show(request, about, "rules_preview", title="Preview of rules", problems=problems)
        return self._previewed(request, about, request.POST, documents)

    def _previewed(
        self, request: HttpRequest, about: SnowflakeConfiguration, asked: QueryDict, draft: list[Any] | None
    ) -> HttpResponse:
        # PostgreSQL's text holds no NUL, so nothing has such an id.
        names = ("workflow", "execution", "execution_id")
        workflow, clicked, written = (asked.get(name, "").strip().replace("\0", "\ufffd") for name in names)
        chosen, last, said = clicked or written, list[WorkflowExecution](), ""
        if workflow:
            last, said = _last(workflow, about)
            chosen = chosen or (last[0].execution_id if last else "")
        preview = None
        if chosen:
            preview, said = _preview(about, chosen, draft, request.user)
        rules = reverse(f"admin:{self._base}_rules", args=[about.pk])
        return self._show(
            request,
            about,
            "rules_preview",
            title="Preview of rules",
            draft=None if draft is None else json.dumps(draft),
            workflows=Workflow.objects.filter(user=about.user_id).order_by("workflow_id")[:OFFERED],
            workflow=workflow,
            last=last,
            chosen=chosen,
            said=said,
            preview=preview,
            back=rules,
        )


def _drafted(sent: QueryDict, about: SnowflakeConfiguration) -> tuple[list[Any] | None, list[str]]:
    """The documents of a draft: those that a preview sent along, or those in the form; else, what is wrong with it."""
    if "draft" in sent:
        try:
            documents = json.loads(str(sent["draft"]))
            read_rules(documents)
        except (ValueError, RecursionError):
            return None, ["These are no rules."]
        return documents, []
    formset = RulesFormSet(sent, instance=about, prefix=RulesFormSet.get_default_prefix())
    if not formset.is_bound:
        return None, ["No rules were sent."]
    if formset.is_valid():
        return formset.documents, []
    wrong = [f"{form.title}: {' '.join(found)}" for form in formset.forms for found in form.errors.values()]
    return None, [*map(str, formset.non_form_errors()), *wrong]


def _last(workflow: str, about: SnowflakeConfiguration) -> tuple[list[WorkflowExecution], str]:
    """The last executions of the owner's workflow; else, why there are none."""
    meant = workflow_meant(workflow, about.user_id)
    if meant is None:
        return [], f"The owner of the destination has no workflow {workflow}."
    executions = WorkflowExecution.objects.filter(workflow=meant, status="completed").order_by("-created_at", "pk")
    try:
        with bounded_reading(PATIENCE):
            found = list(executions.only("execution_id", "created_at")[:LAST])
    except TooSlowError:
        return [], "Its last executions could not be found in time. Give the id of one."
    return found, "" if found else f"No execution of workflow {workflow} has completed yet."


def _preview(about: SnowflakeConfiguration, execution_id: str, draft: list[Any] | None, user: Any) -> tuple[Any, str]:
    """The preview; else, why there is none. Raises `rules_unreadable`."""
    assert isinstance(user, User)  # noqa: S101 - the admin has seen to it
    rules = None if draft is None else draft_of(about.pk, draft)
    try:
        return preview_rules(about, execution_id, rules, user=user), ""
    except WorkflowExecution.DoesNotExist:
        return None, f"The owner of the destination has no execution {execution_id}."
    except TooSlowError:
        return None, "Not even its first rows could be read in time. Choose another one."
