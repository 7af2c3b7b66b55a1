"""Whether earlier rules made something else of a workflow's results, for many workflows under many rules."""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from sync.errors import SyncError
from sync.rules import Plan, RuleSet, matches, of_version


class ByEarlier:
    """Whether earlier rules made something else of a workflow's results than the present ones would."""

    def __init__(self, configuration_id: UUID, rules: RuleSet) -> None:
        self._configuration_id = configuration_id
        self._now = _Effects(rules)
        self._earlier: dict[int, _Effects | None] = {}

    def __call__(self, workflow_id: str, version: int, columns: Collection[str] | None = None) -> bool:
        """Of a result with these columns; None: they are not known, and it might have any."""
        earlier, now = self._of(workflow_id, version)
        if earlier is None or columns is None or not self._asks(earlier, now):
            return earlier is None or earlier.whole != now.whole
        return any(earlier.on(key) != now.on(key) for key in columns)

    def asks(self, workflow_id: str, version: int) -> bool:
        """Whether that depends on the columns of the result."""
        earlier, now = self._of(workflow_id, version)
        return earlier is not None and self._asks(earlier, now)

    def _asks(self, earlier: "_Effect", now: "_Effect") -> bool:
        return earlier.whole != now.whole and earlier.beside_columns == now.beside_columns

    def _of(self, workflow_id: str, version: int) -> "tuple[_Effect | None, _Effect]":
        if version not in self._earlier:
            self._earlier[version] = self._effects(version)
        earlier = self._earlier[version]
        return None if earlier is None else earlier.of(workflow_id), self._now.of(workflow_id)

    def _effects(self, version: int) -> "_Effects | None":
        """None: nobody knows what that version was."""
        try:
            return _Effects(of_version(self._configuration_id, version))
        except SyncError:
            return None


class _Effect:
    """What a plan makes of results: as a whole, and of each column that has been asked about, as hashes."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.whole = _hash(plan.effect)
        self._columns: dict[str, bytes] = {}

    @cached_property
    def beside_columns(self) -> bytes:
        return _hash(self._plan.effect_beside_columns)

    def on(self, key: str) -> bytes:
        if key not in self._columns:
            self._columns[key] = _hash(self._plan.effect_on(key))
        return self._columns[key]


class _Effects:
    """What rules make of each workflow's results, worked out once for all workflows that the same rules are for."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        patterns = {rule.workflow for rule in rules.rules}
        # With what a workflow's id has to begin with: that alone rules out most of them.
        self._globs = [(pattern, pattern.partition("*")[0]) for pattern in patterns if "*" in pattern]
        self._names = patterns - {pattern for pattern, _ in self._globs}
        self._of_patterns: dict[frozenset[str], _Effect] = {}
        self._of_workflow: dict[str, _Effect] = {}

    def of(self, workflow_id: str) -> _Effect:
        if workflow_id not in self._of_workflow:
            globs = [glob for glob, first in self._globs if workflow_id.startswith(first)]
            fitting = self._names & {workflow_id} | {glob for glob in globs if matches(glob, workflow_id)}
            self._of_workflow[workflow_id] = self._of(frozenset(fitting), workflow_id)
        return self._of_workflow[workflow_id]

    def _of(self, patterns: frozenset[str], workflow_id: str) -> _Effect:
        if patterns not in self._of_patterns:
            rules = tuple(rule for rule in self._rules.rules if rule.workflow in patterns)
            self._of_patterns[patterns] = _Effect(replace(self._rules, rules=rules).plan(workflow_id))
        return self._of_patterns[patterns]


def _hash(said: str) -> bytes:
    return sha256(said.encode()).digest()
