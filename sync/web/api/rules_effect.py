"""/api/snowflake/configurations/{id}/rules/…: what rules match and make, and what they mean for what is loaded."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import SnowflakeConfiguration
from sync.operations import (
    ChangeCounts,
    Effect,
    Loaded,
    RemovalPreview,
    ReturnPreview,
    WorkflowEffect,
    bring_back,
    check_rules,
    count_effect,
    count_returning,
    draft_of,
    preview_removal,
    preview_rules,
    reload_earlier,
    remove_excluded,
    rules_of,
)
from sync.postgres import bounded_reading, database_now
from sync.reporting import VIEW_RESULTS, counted
from sync.rules import RuleSet
from sync.web.api import rules_fields as fields
from sync.web.api.answers import conflict
from sync.web.api.parameters import MOST
from sync.web.api.parsing import body, parameters
from sync.web.api.rules import RulesOfDestination, rules_named
from sync.web.api.rules_preview import Preview
from sync.web.api.scope import current_user, find_configuration, find_workflow

Meant = TypeVar("Meant")
Found = TypeVar("Found")

# Seconds that a request works; it says where to go on.
SECONDS = 10.0
_STEPS = (
    "First without a body, a dry run; then with `dry_run` false and what it has answered. It works for some seconds; "
    "where the answer is not `finished`, repeat it with `left` as `count` and `position` as `after`."
)
_COUNTED = conflict("The rules have changed since that was counted, or cannot be read; `detail` says.")
_UNREADABLE = conflict("What is stored cannot be read; `detail` says what.")


class RuleEffectViewSet(RulesOfDestination):
    """What they do."""

    demands: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("reload", "returning"), "sync.backfill_workflowexecution"),
        "removal": "accounts.change_snowflakeconfiguration",
        # What a draft of conditions matches tells values.
        "check": VIEW_RESULTS,
    }

    @extend_schema(
        operation_id="preview_rules",
        summary="What rules make of an execution",
        description="Before and after: columns, the first rows, what each rule did. Nothing is loaded or stored. Takes "
        "some seconds.",
        request=fields.PreviewOf,
        responses={200: Preview, **_UNREADABLE},
    )
    def preview(self, request: Request, id: str) -> Response:  # noqa: A002 - the path's word
        configuration, sent = find_configuration(request, id), body(fields.PreviewOf, request)
        draft = _draft(configuration, sent)
        return Response(preview_rules(configuration, sent["execution_id"], draft, user=current_user(request)).as_json())

    @extend_schema(
        operation_id="check_rules",
        summary="What rules matched lately, and what will not do as is meant",
        description="Looks at the last 20 executions of each workflow, for some seconds.",
        request=fields.Draft,
        responses={200: fields.Findings, **_UNREADABLE},
    )
    def check(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.Draft, request)
        rules = _draft(configuration, sent) or rules_of(configuration.pk)
        return Response({"items": [finding.as_json() for finding in check_rules(configuration, rules)]})

    @extend_schema(
        operation_id="rules_effect",
        summary="How many executions are loaded by earlier rules",
        description="By what the rules made of them: a change for one workflow concerns no other.",
        parameters=[fields.LoadedParameters],
        responses={200: fields.EffectAnswer, **_UNREADABLE},
    )
    def effect(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, query = find_configuration(request, id), parameters(fields.LoadedParameters, request)
        return Response(_effect(count_effect(_loaded(configuration, query))))

    @extend_schema(
        operation_id="reload_earlier",
        summary="Load again what was loaded by earlier rules",
        description=f"{_STEPS} What the rules exclude by now is left alone.",
        request=fields.Application,
        responses={200: fields.ReloadAnswer, **_COUNTED},
    )
    def reload(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.Application, request)
        what = _loaded(configuration, sent)
        if sent["dry_run"]:
            found = _in_time(count_effect, what)
            return _would_be("loaded again", found, found.earlier, workflows=_earlier(found))
        return _was("queued to be loaded again", sent, partial(reload_earlier, what), workflows=[])

    @extend_schema(
        operation_id="return_excluded",
        summary="Let come back what the rules do not exclude any more",
        description=f"{_STEPS} It is loaded as if it had completed now.",
        request=fields.Confirmation,
        responses={200: fields.DoneAnswer, **_COUNTED},
    )
    def returning(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.Confirmation, request)
        if sent["dry_run"]:
            found = _in_time(count_returning, configuration.pk)
            return _would_be("queued", found, found.wanted)
        return _was("queued", sent, partial(bring_back, configuration.pk))

    @extend_schema(
        operation_id="remove_excluded",
        summary="Take out of Snowflake what the rules exclude",
        description=f"{_STEPS} Workers drop an execution's own table, and delete its rows from a shared one, if the "
        "rules exclude it then.",
        request=fields.Confirmation,
        responses={200: fields.RemovalAnswer, **_COUNTED},
    )
    def removal(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration, sent = find_configuration(request, id), body(fields.Confirmation, request)
        if sent["dry_run"]:
            found = _in_time(preview_removal, configuration.pk)
            more = {"tables": found.tables, "rows": found.rows}
            return _would_be("taken out of Snowflake", found, found.executions, **more)
        do = partial(remove_excluded, configuration.pk)
        return _was("queued to be taken out of Snowflake", sent, do, tables=None, rows=None)


def _in_time(count: Callable[[Meant], Found], what: Meant) -> Found:
    """Raises TooSlowError: commands have more time."""
    with bounded_reading(SECONDS):
        return count(what)


def _draft(configuration: SnowflakeConfiguration, sent: dict[str, Any]) -> RuleSet | None:
    """The rules that were sent; None: none were."""
    if "rules" not in sent:
        return None
    with rules_named("rules"):
        return draft_of(configuration.pk, sent["rules"])


def _loaded(configuration: SnowflakeConfiguration, sent: dict[str, Any]) -> Loaded:
    workflow = sent.get("workflow") and find_workflow(sent["workflow"], configuration.user_id)
    return Loaded(
        configuration.pk,
        since=sent.get("since"),
        until=sent.get("until"),
        workflow_ids=(workflow.pk,) if workflow else None,
    )


def _effect(found: Effect) -> dict[str, Any]:
    workflows = [
        {"workflow_id": one.workflow_id, "workflow_name": one.name, **_numbers(one)} for one in found.workflows[:MOST]
    ]
    of_all = {"version": found.version, "as_of": found.as_of, "to_retry": found.to_retry}
    return {**of_all, **_numbers(found), "workflows": workflows}


def _earlier(found: Effect) -> list[dict[str, Any]]:
    return [
        {"workflow_id": one.workflow_id, "workflow_name": one.name, "count": one.earlier}
        for one in found.workflows[:MOST]
        if one.earlier
    ]


def _numbers(found: Effect | WorkflowEffect) -> dict[str, Any]:
    versions = [{"version": version, "count": count} for version, count in sorted(found.versions.items())]
    numbers = {name: getattr(found, name) for name in ("earlier", "excluded", "waiting", "failed", "removing")}
    return {"versions": versions, **numbers}


def _would_be(done: str, found: Effect | ReturnPreview | RemovalPreview, count: int, **more: Any) -> Response:
    said = f"{counted(count, 'execution')} would be {done}."
    return _answer(ChangeCounts(changed=count), message=said, version=found.version, as_of=found.as_of, **more)


def _was(done: str, sent: dict[str, Any], do: Callable[..., ChangeCounts], **more: Any) -> Response:
    """Does what was counted, as it was then."""
    version, wanted, after = sent["version"], sent["count"], sent.get("after")
    as_of = min(sent["as_of"], database_now())
    counts = do(version=version, as_of=as_of, wanted=wanted, after=after, seconds=SECONDS)
    message = f"{counted(counts.changed, 'execution')} {done}."
    if counts.left:
        message += " There may be more: go on after position."
    return _answer(counts, message=message, dry_run=False, version=version, as_of=as_of, **more)


def _answer(counts: ChangeCounts, **more: Any) -> Response:
    numbers = {
        "dry_run": True,
        "count": counts.changed,
        "held": counts.held,
        "meanwhile": counts.meanwhile,
        "left": counts.left,
        "finished": not counts.left,
        "position": counts.after.encode() if counts.left and counts.after else "",
    }
    return Response(numbers | more)
