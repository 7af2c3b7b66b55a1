"""Rules of columns that match nothing of late: what they were to hide may go by another name now."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.alerts.condition import Condition, Seen
from sync.alerts.kinds import Kind
from sync.models import SyncRuleVersion
from sync.postgres import fetch, read_sql
from sync.reporting import counted
from sync.results import COLUMN_NAMES, MAX_COLUMNS
from sync.rules import RuleSet, latest_of, matcher, matches

(_LATELY,) = read_sql(__file__, "lately", column_names=COLUMN_NAMES)

# Of so many of the latest attempts, of all destinations, the results' columns are looked at.
LOOKED_AT = 2_000

# By destination and workflow_id: the columns that results had, and how many results there were.
Columns = dict[UUID, dict[str, tuple[set[str], int]]]


def idle_rules(now: datetime, seen: Seen) -> Iterator[Condition]:
    """Of a rule for whose workflows nothing was loaded lately, nothing is known."""
    versions = SyncRuleVersion.objects.order_by("configuration_id").distinct("configuration_id")
    with_rules = list(versions.values_list("configuration_id", flat=True))
    columns = _columns(with_rules)
    destinations = (
        SnowflakeConfiguration.objects.select_related(None)
        .select_related("user")
        .defer("user__name")
        .in_bulk(list(columns))
    )
    for id_, rules in latest_of(with_rules).items():
        if rules is None:
            seen.unseen_kinds.add(Kind.RULE_MATCHES_NOTHING)
        elif id_ in destinations:
            yield from _of(destinations[id_], rules, columns[id_], now, seen)
        else:
            seen.unseen.update((Kind.RULE_MATCHES_NOTHING, _key(id_, rule.name)) for rule in rules.rules)


def _of(
    destination: SnowflakeConfiguration,
    rules: RuleSet,
    columns: dict[str, tuple[set[str], int]],
    now: datetime,
    seen: Seen,
) -> Iterator[Condition]:
    for rule in rules.rules:
        if rule.kind != "column" or not rule.enabled:
            continue
        met = [found for workflow_id, found in columns.items() if matches(rule.workflow, workflow_id)]
        key, results = _key(destination.pk, rule.name), sum(count for _, count in met)
        if not results:
            seen.unseen.add((Kind.RULE_MATCHES_NOTHING, key))
        elif not any(map(matcher(rule.columns), set().union(*(keys for keys, _ in met)))):
            yield Condition(
                Kind.RULE_MATCHES_NOTHING,
                key,
                now,
                f'Rule "{rule.name}" of destination {destination} matches no column of the last '
                f"{counted(results, 'result')} that it is for",
                f'Rule "{rule.name}" of destination {destination} matches a column again, or is gone',
                "Correct the rule's columns as results name them, or remove it.",
                f"/destinations/{destination.pk}/data",
                user_id=destination.user_id,
                whose=destination.user.email,
                configuration_id=destination.pk,
            )


def _key(configuration_id: UUID, rule: str) -> str:
    return f"{configuration_id}/{rule}"


def _columns(configuration_ids: list[UUID]) -> Columns:
    params = {"configurations": configuration_ids, "size": LOOKED_AT, "max": MAX_COLUMNS}
    found: Columns = defaultdict(dict)
    for configuration_id, workflow_id, names, count in fetch(_LATELY, params) if configuration_ids else ():
        keys, before = found[configuration_id].get(workflow_id, (set(), 0))
        found[configuration_id][workflow_id] = (keys | {name for name in names if name is not None}, before + count)
    return found
