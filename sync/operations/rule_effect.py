"""What changed rules mean for what is loaded: how many executions went by earlier ones, and these loaded again.

Executions are counted by what the rules made of them: where a change is for one workflow, it offers nothing for others.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.operations.change import ChangeCounts
from sync.operations.progress import PagedRun, Progress, silent
from sync.operations.rules import check_unchanged
from sync.postgres import database_now, fetch, read_sql, short_transaction
from sync.queue import load_again
from sync.reporting import Cursor
from sync.rules import RuleSet, latest, matches, of_version

# Items that are looked at, and changed, in one statement: the application waits for none of them for long.
PAGE = 1_000
_MEANT = """(%(since)s::timestamptz IS NULL OR execution.created_at >= %(since)s::timestamptz)
    AND (%(until)s::timestamptz IS NULL OR execution.created_at < %(until)s::timestamptz)
    AND (%(workflows)s::uuid[] IS NULL OR execution.workflow_id = ANY(%(workflows)s::uuid[]))"""
_LOADED, _PAGE = read_sql(__file__, "loaded", "page", meant=_MEANT)
# What is counted of items with these statuses that went by earlier rules; of all others, those that wait.
_NUMBERS = {"completed": "earlier", "failed": "failed"}
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

    `versions`: what is loaded, by the rules' version that it was loaded by. `earlier` of these went by rules that made
    something else of them. Of others that did, `waiting` are on their way again, and `failed` failed on it: what is in
    Snowflake of them went by the earlier rules, too.
    """

    workflow_id: str
    name: str
    versions: Counter[int] = field(default_factory=Counter)
    earlier: int = 0
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
    parameters, rules, as_of = what.parameters, latest(what.configuration_id), database_now()
    by_earlier = _ByEarlier(what.configuration_id, rules)
    names: dict[str, str] = {}
    versions: dict[str, Counter[int]] = defaultdict(Counter)
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    for workflow_id, name, version, status, count in fetch(_LOADED, parameters):
        names[workflow_id] = name or workflow_id
        if status == "completed":
            versions[workflow_id][version] += count
        if by_earlier(workflow_id, version):
            numbers[workflow_id][_NUMBERS.get(status, "waiting")] += count
    found = [WorkflowEffect(one, name, versions[one], **numbers[one]) for one, name in names.items()]
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
    off can be repeated. Runs in transactions of its own: do not call it in one. Raises RulesChangedError,
    `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    check_unchanged(what.configuration_id, version)
    run = _Run(what, of_version(what.configuration_id, version), as_of, wanted, after)
    run.run(progress, seconds)
    run.try_again(run.change)
    left = 0 if run.ended else wanted - run.done
    held = len(run.held)
    return ChangeCounts(run.changed, held, wanted - left - run.changed - held, left, run.after)


class _Run(PagedRun[UUID]):
    def __init__(self, what: Loaded, rules: RuleSet, as_of: datetime, wanted: int, after: Cursor | None) -> None:
        super().__init__(wanted)
        self._parameters = {**what.parameters, "as_of": as_of, "size": PAGE}
        self._by_earlier = _ByEarlier(what.configuration_id, rules)
        self._as_of, self.after, self.changed = as_of, after, 0
        self.ended = not wanted

    def page(self) -> None:
        start = self.after or _FIRST
        with short_transaction():
            page = fetch(_PAGE, self._parameters | {"at": start.at, "id": start.id})
        found = [
            Cursor(at, id_)
            for at, id_, workflow_id, version, is_meant in page
            if is_meant and self._by_earlier(workflow_id, version)
        ]
        wanted = found[: self.total - self.done]
        self.change([at.id for at in wanted])
        self.done += len(wanted)
        if len(wanted) < len(found) or self.done == self.total:
            self.after, self.ended = wanted[-1], True
        else:
            self.after = Cursor(*page[-1][:2]) if page else self.after
            self.ended = len(page) < PAGE

    def change(self, ids: list[UUID]) -> None:
        done = load_again(ids, as_of=self._as_of)
        self.changed += len(done.items)
        self.held += done.held


class _ByEarlier:
    """Whether earlier rules made something else of a workflow's results than the present ones would."""

    def __init__(self, configuration_id: UUID, now: RuleSet) -> None:
        self._configuration_id = configuration_id
        self._now = _Effects(now)
        self._earlier: dict[int, _Effects | None] = {}

    def __call__(self, workflow_id: str, version: int) -> bool:
        if version not in self._earlier:
            self._earlier[version] = self._effects(version)
        earlier = self._earlier[version]
        return earlier is None or earlier.of(workflow_id) != self._now.of(workflow_id)

    def _effects(self, version: int) -> "_Effects | None":
        """None: nobody knows what that version was."""
        try:
            return _Effects(of_version(self._configuration_id, version))
        except SyncError:
            return None


class _Effects:
    """What rules make of each workflow's results, worked out once for all workflows that the same rules are for."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        patterns = {rule.workflow for rule in rules.rules}
        # With what a workflow's id has to begin with: that alone rules out most of them.
        self._globs = [(pattern, pattern.partition("*")[0]) for pattern in patterns if "*" in pattern]
        self._names = patterns - {pattern for pattern, _ in self._globs}
        self._of_patterns: dict[frozenset[str], bytes] = {}
        self._of_workflow: dict[str, bytes] = {}

    def of(self, workflow_id: str) -> bytes:
        """A hash of it."""
        if workflow_id not in self._of_workflow:
            globs = [glob for glob, first in self._globs if workflow_id.startswith(first)]
            fitting = self._names & {workflow_id} | {glob for glob in globs if matches(glob, workflow_id)}
            self._of_workflow[workflow_id] = self._of(frozenset(fitting), workflow_id)
        return self._of_workflow[workflow_id]

    def _of(self, patterns: frozenset[str], workflow_id: str) -> bytes:
        if patterns not in self._of_patterns:
            rules = tuple(rule for rule in self._rules.rules if rule.workflow in patterns)
            effect = replace(self._rules, rules=rules).plan(workflow_id).effect
            self._of_patterns[patterns] = sha256(effect.encode()).digest()
        return self._of_patterns[patterns]
