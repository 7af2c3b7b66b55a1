"""Which columns of a result are new to whoever made the rules, where a rule asks for that.

Known is what earlier results of the workflow had: the first one that is met under such a rule, or, where results were
loaded before, these; and what a rule names. What is known stays so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.models import SyncKnownColumn
from sync.postgres import one_statement, read_sql, short_transaction
from sync.results import COLUMN_NAMES
from sync.rules import Plan, RuleSet, decided, of_version

_NAMES, _EARLIER, _LOCK = read_sql(__file__, "names", "earlier", "lock", column_names=COLUMN_NAMES)
Keys = frozenset[str]
# Of the owner's results, the latest that are looked through, and of the workflow's, those that are read.
_WALKED, _READ = 5_000, 200


def known_columns(
    configuration: SnowflakeConfiguration, rules: RuleSet, workflows: Mapping[str, str], *, learns: bool
) -> dict[str, Keys]:
    """By workflow_id, the columns that are not new. `workflows`: those of executions, the first execution first.

    `learns`: what is found out is kept, so that it stays so.
    """
    known = _known(configuration, workflows.values())
    found = one_statement(_NAMES, {"executions": list(workflows)})
    names = {execution_id: set(of_result) - {None} for execution_id, of_result in found}
    for workflow_id in known:
        results = [
            frozenset(names.get(execution_id, ())) for execution_id, of in workflows.items() if of == workflow_id
        ]
        if not known[workflow_id].issuperset(*results):
            plan, place = rules.plan(workflow_id), (configuration.pk, configuration.user_id, workflow_id)
            if learns:
                earlier = _earlier(*place, rules.version, rules.made_at)
                known[workflow_id] = _learn(configuration, workflow_id, plan, earlier, results)
            else:
                known[workflow_id] = _all_known(plan, known[workflow_id] | _read_earlier(*place), results)
    return known


def _known(configuration: SnowflakeConfiguration, workflows: Iterable[str]) -> dict[str, Keys]:
    found = SyncKnownColumn.objects.filter(configuration=configuration, workflow_id__in=set(workflows))
    keys: dict[str, set[str]] = {workflow_id: set() for workflow_id in workflows}
    for workflow_id, key in found.values_list("workflow_id", "key"):
        keys[workflow_id].add(key)
    return {workflow_id: frozenset(known) for workflow_id, known in keys.items()}


def _learn(
    configuration: SnowflakeConfiguration, workflow_id: str, plan: Plan, earlier: Keys, results: Sequence[Keys]
) -> Keys:
    """Keeps what turns out to be known after all. Whoever meets the workflow at the same moment waits for that."""
    with short_transaction() as cursor:
        cursor.execute(_LOCK, [f"{configuration.pk} {workflow_id}"])
        there = _known(configuration, [workflow_id])[workflow_id]
        known = _all_known(plan, there | earlier, results)
        SyncKnownColumn.objects.bulk_create(
            [
                SyncKnownColumn(configuration=configuration, workflow_id=workflow_id, key=key)
                for key in sorted(known - there)
            ]
        )
    return known


def _all_known(plan: Plan, earlier: Keys, results: Sequence[Keys]) -> Keys:
    known = earlier or next(filter(None, results))
    return known | {key for result in results for key in result if decided(plan.columns, key)}


# At a version with such a rule, nothing more is loaded without asking: what is found the first time is all there is. In
# a database that was restored, another version may have its number: see sync.rules.stored.
@lru_cache(maxsize=512)
def _earlier(configuration_id: UUID, user_id: UUID, workflow_id: str, _version: int, _made_at: datetime | None) -> Keys:
    return _read_earlier(configuration_id, user_id, workflow_id)


def _read_earlier(configuration_id: UUID, user_id: UUID, workflow_id: str) -> Keys:
    """What the workflow's results had that were loaded while no rule asked for new columns."""
    params = {
        "configuration_id": configuration_id,
        "user_id": user_id,
        "workflow_id": workflow_id,
        "walked": _WALKED,
        "read": _READ,
    }
    found = [row for row in one_statement(_EARLIER, params) if row[1] is not None]
    asked = {version: _asked(configuration_id, version, workflow_id) for version in {row[0] for row in found}}
    return frozenset(key for version, key in found if not asked[version])


def _asked(configuration_id: UUID, version: int, workflow_id: str) -> bool:
    try:
        return of_version(configuration_id, version).plan(workflow_id).new_columns != "allow"
    except SyncError:
        # It cannot be known any more which columns were let through.
        return True
