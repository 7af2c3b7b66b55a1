"""The version of a destination's rules that is in force."""

from collections.abc import Iterable
from datetime import datetime
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
    return of_version(configuration_id, *found.values_list("version", "made_at").first() or (0,))


def latest_of(configuration_ids: Iterable[UUID]) -> dict[UUID, RuleSet | None]:
    """The same of several, in one statement; None: they cannot be read. Who never had any is not in it."""
    # As in _versions.
    from sync.models import SyncRuleVersion  # noqa: PLC0415

    versions = SyncRuleVersion.objects.filter(configuration__in=list(configuration_ids))
    last = versions.order_by("configuration_id", "-version").distinct("configuration_id")
    fields = ("configuration_id", "version", "rules", "hash_key", "made_at")
    found: dict[UUID, RuleSet | None] = {}
    for id_, version, stored, hash_key, made_at in last.values_list(*fields):
        try:
            found[id_] = RuleSet(version, read_rules(stored), hash_key, made_at)
        except RulesError:
            found[id_] = None
    return found


def version_now(configuration: str) -> tuple[Subquery, Subquery]:
    """The version of the rules that are in force, and when it was made, within a query whose field `configuration`
    names the destination.
    """
    found = _versions(OuterRef(configuration)).order_by("-version")
    return Subquery(found.values("version")[:1]), Subquery(found.values("made_at")[:1])


def of_version(configuration_id: UUID, version: int, made_at: datetime | None = None) -> RuleSet:
    """The rules as they were at a version; 0: none. Raises `rules_unreadable`, also if there was none such.

    `made_at`: when the version was made, where that is known already.
    """
    if not version:
        return RuleSet()
    found = _versions(configuration_id).filter(version=version).values_list("made_at", flat=True)
    return _of_version(configuration_id, version, made_at or found.first())


# A version never changes, but a database that is restored, or taken over by a replica that lacks the last ones, gives
# their numbers again. Those of a worker's destinations, and some that are asked about beside them.
@lru_cache(maxsize=512)
def _of_version(configuration_id: UUID, version: int, _made_at: datetime | None) -> RuleSet:
    stored = _versions(configuration_id).filter(version=version).first()
    if stored is None:
        raise failure("rules_unreadable", f"Version {version} of the rules of destination {configuration_id} is gone")
    try:
        rules = read_rules(stored.rules)
    except RulesError as error:
        said = f"Version {version} of the rules of destination {configuration_id} cannot be read ({error})"
        raise failure("rules_unreadable", said) from None
    return RuleSet(version, rules, stored.hash_key, stored.made_at)


def _versions(configuration: UUID | OuterRef) -> QuerySet[Any]:
    # Results are also read where Django is not set up, and without it there are no models.
    from sync.models import SyncRuleVersion  # noqa: PLC0415

    return SyncRuleVersion.objects.filter(configuration=configuration)
