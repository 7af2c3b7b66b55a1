"""The rules in force, and the versions before them; and that they are those still that somebody has seen."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sync.destinations import NotDoneError
from sync.models import SyncRule, SyncRuleVersion
from sync.rules import RuleSet, latest, read_rules


class StaleRulesError(NotDoneError):
    """Somebody else changed the rules meanwhile; the message says who, and when."""

    code = "rules_changed"
    what_to_do = "Read the rules again, make your change to them, and send it with their version."


class RulesChangedError(StaleRulesError):
    """The rules are not those by which something was counted: nothing was done."""

    what_to_do = "Count again what the rules mean now, and confirm that."


def rules_of(configuration_id: UUID) -> RuleSet:
    """The rules in force, in order, also those that are off. Raises `rules_unreadable`."""
    return latest(configuration_id)


def described(configuration_id: UUID) -> tuple[SyncRuleVersion, list[SyncRule]]:
    """The version in force, and each of its rules with its author and dates. Version 0: there are none.

    What changes in between shows in the second only, so that a change to that version is refused.
    """
    never = SyncRuleVersion(version=0, rules=[])
    never.made_at = None  # type: ignore[assignment]
    last = next(iter(rule_versions(configuration_id, limit=1)), never)
    return last, list(SyncRule.objects.filter(configuration=configuration_id))


def rule_versions(configuration_id: UUID, *, limit: int, before: int | None = None) -> list[SyncRuleVersion]:
    """At most so many versions of the rules, the latest first, before one; what each says is read when asked for."""
    found = SyncRuleVersion.objects.filter(configuration=configuration_id).order_by("-version")
    return list((found if before is None else found.filter(version__lt=before)).defer("rules")[:limit])


def draft_of(configuration_id: UUID, wanted: Sequence[Mapping[str, Any]]) -> RuleSet:
    """These rules as they would be in force there, to be tried. Raises RulesError, `rules_unreadable`."""
    rules, there = read_rules(wanted), latest(configuration_id)
    return RuleSet(there.version, rules, there.hash_key)


def check_unchanged(configuration_id: UUID, version: int) -> None:
    """Raises RulesChangedError unless the rules are at this version still, by which somebody has counted."""
    if (there := latest(configuration_id).version) != version:
        raise RulesChangedError(f"The rules are at version {there}; what was counted went by version {version}.")
