"""Whether earlier rules made something else of a workflow's results, for many workflows under many rules."""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

from sync.errors import SyncError
from sync.rules import RuleSet, matches, of_version


class ByEarlier:
    """Whether earlier rules made something else of a workflow's results than the present ones would."""

    def __init__(self, configuration_id: UUID, rules: RuleSet) -> None:
        self._configuration_id = configuration_id
        self._now = _Effects(rules)
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
