"""What changed rules mean for what is loaded: how many executions went by earlier ones, and these loaded again.

Executions are counted by what the rules made of them: where a change is for one workflow, it offers nothing for others.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.operations.change import ChangeCounts
from sync.operations.progress import PagedRun, Progress, silent
from sync.operations.rule_earlier import ByEarlier
from sync.operations.rules import check_unchanged
from sync.postgres import database_now, fetch, read_sql, short_transaction
from sync.queue import excluded_now, load_again
from sync.reporting import Cursor
from sync.rules import RuleSet, latest, of_version

# Items that are looked at, and changed, in one statement: the application waits for none of them for long.
PAGE = 1_000
_MEANT = """(%(since)s::timestamptz IS NULL OR execution.created_at >= %(since)s::timestamptz)
    AND (%(until)s::timestamptz IS NULL OR execution.created_at < %(until)s::timestamptz)
    AND (%(workflows)s::uuid[] IS NULL OR execution.workflow_id = ANY(%(workflows)s::uuid[]))"""
_LOADED, _PAGE = read_sql(__file__, "loaded", "page", meant=_MEANT)
_SHOWN = ("earlier", "excluded", "waiting", "failed")
_ON_THEIR_WAY = ("waiting", "failed")
_FIRST = Cursor(datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Which loaded executions of a destination are meant: all, or some.

    `since` and `until` bound the execution's `created_at`, the first inclusive, the second not; both need a time zone.
    `workflow_ids` are `workflows.id`.
    """

    configuration_id: UUID
    since: datetime | None = None
    until: datetime | None = None
    workflow_ids: tuple[UUID, ...] | None = None

    @property
    def parameters(self) -> dict[str, object]:
        """For the statements. Raises SnowflakeConfiguration.DoesNotExist."""
        owners = SnowflakeConfiguration.objects.values_list("user_id", flat=True)
        return {
            "configuration": self.configuration_id,
            "user": owners.get(pk=self.configuration_id),
            "since": self.since,
            "until": self.until,
            "workflows": None if self.workflow_ids is None else list(self.workflow_ids),
        }


@dataclass(frozen=True, slots=True)
class WorkflowEffect:
    """A workflow's executions, in numbers.

    `versions`: what is loaded, by the rules' version that it was loaded by. Of these the rules exclude `excluded` by
    now; of the others, `earlier` went by rules that made something else of them. Of further ones that did, `waiting`
    are on their way again, and `failed` failed on it: what is in Snowflake of them went by the earlier rules, too.
    """

    workflow_id: str
    name: str
    versions: Counter[int] = field(default_factory=Counter)
    earlier: int = 0
    excluded: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What was loaded, as it was counted at `as_of`, against a version of the rules; most to do first."""

    version: int
    as_of: datetime
    workflows: tuple[WorkflowEffect, ...]

    @property
    def versions(self) -> dict[int, int]:
        """Loaded executions by the version that they were loaded by, the earliest first."""
        total = sum((workflow.versions for workflow in self.workflows), Counter[int]())
        return dict(sorted(total.items()))

    @property
    def earlier(self) -> int:
        """How many would be loaded again."""
        return sum(workflow.earlier for workflow in self.workflows)

    @property
    def excluded(self) -> int:
        """How many the rules exclude by now: these are not loaded again."""
        return sum(workflow.excluded for workflow in self.workflows)

    @property
    def waiting(self) -> int:
        """How many are on their way again."""
        return sum(workflow.waiting for workflow in self.workflows)

    @property
    def failed(self) -> int:
        """How many failed on it: to be retried, once what is wrong is mended."""
        return sum(workflow.failed for workflow in self.workflows)


def count_effect(what: Loaded) -> Effect:
    """Counts what is loaded by which rules. Changes nothing.

    Raises `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    rules, as_of = latest(what.configuration_id), database_now()
    names: dict[str, str] = {}
    versions: dict[str, Counter[int]] = defaultdict(Counter)
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    for workflow_id, name, version, state, count in _counted(what, rules, as_of):
        names[workflow_id] = name
        numbers[workflow_id][state] += count
        if state not in _ON_THEIR_WAY:
            versions[workflow_id][version] += count
    found = [
        WorkflowEffect(one, name, versions[one], **{state: numbers[one][state] for state in _SHOWN})
        for one, name in names.items()
    ]
    found.sort(key=lambda one: (-one.earlier, -one.waiting - one.failed, one.workflow_id))
    return Effect(rules.version, as_of, tuple(found))


def apply_rules(
    what: Loaded,
    *,
    version: int,
    as_of: datetime,
    wanted: int,
    after: Cursor | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Loads at most `wanted` executions again that went by earlier rules, the oldest first, for about `seconds`.

    Of those that were counted at `as_of` against this version. Each page is committed, so that a call that was broken
    off can be repeated. Runs in transactions of its own: do not call it in one. Raises RulesChangedError, also on the
    way; `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    check_unchanged(what.configuration_id, version)
    walk = _Walk(what, of_version(what.configuration_id, version), as_of)
    run = _Run(walk, wanted, after)
    run.run(progress, seconds)
    run.try_again(run.change)
    left = 0 if run.ended else wanted - run.done
    held = len(run.held)
    return ChangeCounts(run.changed, held, wanted - left - run.changed - held, left, run.after)


def _counted(what: Loaded, rules: RuleSet, as_of: datetime) -> Iterator[tuple[str, str, int, str, int]]:
    """Workflow, name, version, state and number. What is loaded is looked at one by one if rules exclude any of it."""
    by_earlier, one_by_one = ByEarlier(what.configuration_id, rules), bool(rules.scope)
    for workflow_id, name, version, status, count in fetch(_LOADED, what.parameters):
        state = "earlier" if by_earlier(workflow_id, version) else "present"
        if status == "completed" and not one_by_one:
            yield workflow_id, name, version, state, count
        elif status != "completed" and state == "earlier":
            yield workflow_id, name, version, "failed" if status == "failed" else "waiting", count
    walk, after = _Walk(what, rules, as_of), _FIRST if one_by_one else None
    while after:
        page, after = walk.page(after)
        for one in page:
            state = "excluded" if one.is_excluded else "earlier" if one.is_earlier else "present"
            yield one.workflow_id, one.name, one.version, state, 1


class _Run(PagedRun[UUID]):
    def __init__(self, walk: "_Walk", wanted: int, after: Cursor | None) -> None:
        super().__init__(wanted)
        self._walk, self.after, self.changed = walk, after, 0
        self.ended = not wanted

    def page(self) -> None:
        page, after = self._walk.page(self.after or _FIRST)
        found = [one.at for one in page if one.is_earlier and not one.is_excluded]
        wanted = found[: self.total - self.done]
        self.change([at.id for at in wanted])
        self.done += len(wanted)
        self.ended = after is None or self.done == self.total
        self.after = wanted[-1] if self.done == self.total else after or self.after

    def change(self, ids: list[UUID]) -> None:
        check_unchanged(self._walk.configuration_id, self._walk.rules.version)
        done = load_again(ids, as_of=self._walk.as_of)
        self.changed += len(done.items)
        self.held += done.held


class _Item(NamedTuple):
    at: Cursor
    workflow_id: str
    name: str
    version: int
    # It went by rules that made something else of it; the rules exclude it by now.
    is_earlier: bool
    is_excluded: bool


class _Walk:
    """Through what is loaded and meant, in the order in which it was queued."""

    def __init__(self, what: Loaded, rules: RuleSet, as_of: datetime) -> None:
        self.configuration_id, self.rules, self.as_of = what.configuration_id, rules, as_of
        self._parameters = {**what.parameters, "as_of": as_of, "size": PAGE}
        self._by_earlier = ByEarlier(what.configuration_id, rules)

    def page(self, after: Cursor) -> tuple[list[_Item], Cursor | None]:
        """What is among the next items, and where to go on; None: these were the last."""
        with short_transaction():
            page = fetch(_PAGE, self._parameters | {"at": after.at, "id": after.id})
        meant = [row for row in page if row[-1]]
        excluded = self._excluded([row[2] for row in meant])
        found = [
            _Item(Cursor(at, id_), workflow, name, version, self._by_earlier(workflow, version), one in excluded)
            for at, id_, one, workflow, name, version, _ in meant
        ]
        return found, Cursor(*page[-1][:2]) if len(page) == PAGE else None

    def _excluded(self, execution_ids: list[str]) -> Collection[str]:
        if not self.rules.scope or not execution_ids:
            return ()
        return excluded_now(self.configuration_id, self.rules.version, execution_ids)
