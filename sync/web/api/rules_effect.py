"""/api/snowflake/configurations/{id}/rules/…: what rules match and make, and what they mean for what is loaded."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

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
from sync.reporting import BACKFILL, CHANGE_DESTINATIONS, VIEW_RESULTS, counted
from sync.rules import RuleSet
from sync.web.api import rules_fields as fields
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import MOST
from sync.web.api.rules import rules_named
from sync.web.api.rules_preview import Preview
from sync.web.api.scope import current_user, find_workflow

Meant = TypeVar("Meant")
Found = TypeVar("Found")

# Seconds that a request works; it says where to go on.
SECONDS = 10.0
_UNREADABLE = {409: "What is stored cannot be read; `detail` says what."}
_IN_STEPS: dict[str, Any] = {
    "problems": {409: "The rules have changed since that was counted, or cannot be read; `detail` says."},
    "rate": "backfill",
    "is_long": True,
    "more": "First without a body, a dry run; then with `dry_run` false and what it has answered. It works for some "
    "seconds; where the answer is not `finished`, repeat it with `left` as `count` and `position` as `after`.",
}


class RuleEffectViewSet(DestinationViewSet):
    """The rules of a destination that the token's user may see: what they do."""

    @operation(takes=fields.PreviewOf, answer=Preview, problems=_UNREADABLE, rate="configure", is_long=True)
    def preview_rules(self, sent: Sent) -> Any:
        """What rules make of an execution.

        Before and after: columns, the first rows, what each rule did. Nothing is loaded or stored. Takes some seconds.
        """
        user = current_user(self.request)
        return preview_rules(self.about, sent["execution_id"], self._draft(sent), user=user).as_json()

    # What a draft of conditions matches tells values.
    @operation(
        takes=fields.Draft,
        answer=fields.Findings,
        problems=_UNREADABLE,
        demands=VIEW_RESULTS,
        rate="configure",
        is_long=True,
    )
    def check_rules(self, sent: Sent) -> Any:
        """What rules matched lately, and what will not do as is meant.

        Looks at the last 20 executions of each workflow, for some seconds.
        """
        rules = self._draft(sent) or rules_of(self.about.pk)
        return {"items": [finding.as_json() for finding in check_rules(self.about, rules)]}

    @operation(query=fields.LoadedParameters, answer=fields.EffectAnswer, problems=_UNREADABLE, is_long=True)
    def rules_effect(self, sent: Sent) -> Any:
        """How many executions are loaded by earlier rules.

        By what the rules made of them: a change for one workflow concerns no other.
        """
        return _effect(count_effect(self._loaded(sent)))

    @operation(takes=fields.Application, answer=fields.ReloadAnswer, demands=BACKFILL, **_IN_STEPS)
    def reload_earlier(self, sent: Sent) -> Any:
        """Load again what was loaded by earlier rules.

        What the rules exclude by now is left alone.
        """
        what = self._loaded(sent)
        if sent["dry_run"]:
            found = _in_time(count_effect, what)
            return _would_be("loaded again", found, found.earlier, workflows=_earlier(found))
        return _was("queued to be loaded again", sent, partial(reload_earlier, what), workflows=[])

    @operation(takes=fields.Confirmation, answer=fields.DoneAnswer, demands=BACKFILL, **_IN_STEPS)
    def return_excluded(self, sent: Sent) -> Any:
        """Let come back what the rules do not exclude any more.

        It is loaded as if it had completed now.
        """
        if sent["dry_run"]:
            found = _in_time(count_returning, self.about.pk)
            return _would_be("queued", found, found.wanted)
        return _was("queued", sent, partial(bring_back, self.about.pk))

    @operation(takes=fields.Confirmation, answer=fields.RemovalAnswer, demands=CHANGE_DESTINATIONS, **_IN_STEPS)
    def remove_excluded(self, sent: Sent) -> Any:
        """Take out of Snowflake what the rules exclude.

        Workers drop an execution's own table, and delete its rows from a shared one, if the rules exclude it then.
        """
        if sent["dry_run"]:
            found = _in_time(preview_removal, self.about.pk)
            more = {"tables": found.tables, "rows": found.rows}
            return _would_be("taken out of Snowflake", found, found.executions, **more)
        do = partial(remove_excluded, self.about.pk)
        return _was("queued to be taken out of Snowflake", sent, do, tables=None, rows=None)

    def _draft(self, sent: Sent) -> RuleSet | None:
        """The rules that were sent; None: none were."""
        if "rules" not in sent:
            return None
        with rules_named("rules"):
            return draft_of(self.about.pk, sent["rules"])

    def _loaded(self, sent: Sent) -> Loaded:
        workflow = find_workflow(sent.get("workflow"), self.about.user_id)
        workflows = (workflow.pk,) if workflow else None
        return Loaded(self.about.pk, since=sent.get("since"), until=sent.get("until"), workflow_ids=workflows)


def _in_time(count: Callable[[Meant], Found], what: Meant) -> Found:
    """Raises TooSlowError: commands have more time."""
    with bounded_reading(SECONDS):
        return count(what)


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


def _would_be(done: str, found: Effect | ReturnPreview | RemovalPreview, count: int, **more: Any) -> dict[str, Any]:
    said = f"{counted(count, 'execution')} would be {done}."
    return _answer(ChangeCounts(changed=count), message=said, version=found.version, as_of=found.as_of, **more)


def _was(done: str, sent: dict[str, Any], do: Callable[..., ChangeCounts], **more: Any) -> dict[str, Any]:
    """Does what was counted, as it was then."""
    version, wanted, after = sent["version"], sent["count"], sent.get("after")
    as_of = min(sent["as_of"], database_now())
    counts = do(version=version, as_of=as_of, wanted=wanted, after=after, seconds=SECONDS)
    message = f"{counted(counts.changed, 'execution')} {done}."
    if counts.left:
        message += " There may be more: go on after position."
    return _answer(counts, message=message, dry_run=False, version=version, as_of=as_of, **more)


def _answer(counts: ChangeCounts, **more: Any) -> dict[str, Any]:
    numbers = {
        "dry_run": True,
        "count": counts.changed,
        "held": counts.held,
        "meanwhile": counts.meanwhile,
        "left": counts.left,
        "finished": not counts.left,
        "position": counts.after.encode() if counts.left and counts.after else "",
    }
    return numbers | more
