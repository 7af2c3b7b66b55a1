"""The version of a destination's rules that is in force."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from sync.errors import failure
from sync.rules.problems import RulesError
from sync.rules.ruleset import RuleSet, read_rules


def latest(configuration_id: UUID) -> RuleSet:
    """The rules as they are now. Raises `rules_unreadable`."""
    found = _versions(configuration_id).order_by("-version")
    version = found.values_list("version", flat=True).first()
    return of_version(configuration_id, version or 0)


def version_now(configuration: str) -> Subquery:
    """The version of the rules that are in force, within a query whose field `configuration` names the destination."""
    found = _versions(OuterRef(configuration)).order_by("-version")
    return Subquery(found.values("version")[:1])


def of_version(configuration_id: UUID, version: int) -> RuleSet:
    """The rules as they were at a version; 0: none. Raises `rules_unreadable`, also if there was none such."""
    return _of_version(configuration_id, version) if version else RuleSet()


# A version never changes. Those of a worker's destinations, and some that are asked about beside them.
@lru_cache(maxsize=512)
def _of_version(configuration_id: UUID, version: int) -> RuleSet:
    stored = _versions(configuration_id).filter(version=version).first()
    if stored is None:
        raise failure("rules_unreadable", f"Version {version} of the rules of destination {configuration_id} is gone")
    try:
        rules = read_rules(stored.rules)
    except RulesError as error:
        said = f"Version {version} of the rules of destination {configuration_id} cannot be read ({error})"
        raise failure("rules_unreadable", said) from None
    return RuleSet(version, rules, stored.hash_key)


def _versions(configuration: UUID | OuterRef) -> QuerySet[Any]:
    # Results are also read where Django is not set up, and without it there are no models.
    from sync.models import SyncRuleVersion  # noqa: PLC0415

    return SyncRuleVersion.objects.filter(configuration=configuration)
