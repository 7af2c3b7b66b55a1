"""A destination's rules are changed here and nowhere else: what people edit, and the version that loads go by.

Who changes rules says which version they have seen, so that nobody's change is lost unseen.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from accounts.models import SnowflakeConfiguration
from sync.activity import Action, Change, Kind, record
from sync.destinations import NotDoneError, ensure_key, rotate_key
from sync.models import SyncRule, SyncRuleVersion
from sync.operations.rules.in_force import StaleRulesError
from sync.operations.rules.told import rule_changes
from sync.postgres import short_transaction
from sync.queue import earlier_workers, release_held
from sync.rules import Hash, Rule, RuleSet, documents, of_version, read_rules

Document = dict[str, Any]

# Seconds for what earlier rules have held, while somebody waits for the answer.
RELEASING = 5.0

NEW_KEY = (
    "The same value has another hash from now on: what is loaded with it joins with nothing that was loaded before, "
    "until that is loaded again (reload). Copies of hashes outside these tables never fit again."
)


class NothingHashedError(NotDoneError):
    """No rule that is on hashes anything, so there is no key in use."""

    code = "nothing_is_hashed"
    what_to_do = "Nothing: a key is made with the first rule that hashes."

    def __init__(self) -> None:
        super().__init__("No rule of the destination that is on hashes a column.")


class EarlierWorkerError(NotDoneError):
    """A worker that knows no rules is at work: it would load everything as it is."""

    code = "earlier_worker"
    what_to_do = "Stop the workers of an earlier version, then make the change again."


class NoSuchRuleError(LookupError):
    """The destination has no rule of that name."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The rules after a change, and whether it made a version of them: what changes nothing makes none.

    `released`: so many executions whose new columns were held go on, and are loaded or held by the new rules.
    `more_held`: the time was over before all were looked at, and workers let the rest go.
    """

    rules: RuleSet
    is_new: bool
    released: int = 0
    more_held: bool = False

    @property
    def goes_on(self) -> str:
        """What was held and goes on, in sentences; empty: nothing does."""
        rest = ". Workers look at the rest" if self.more_held else ""
        held = "Runs that were held for a new column, and are looked at again"
        return f"{held}: {self.released:,}{rest}." if self.released or rest else ""


def change_rules(
    configuration_id: UUID,
    wanted: Sequence[Document] | Sequence[Rule],
    *,
    author: str,
    expected_version: int | None,
    lets_go: bool = True,
) -> Changed:
    """Puts these rules in place of all that there are.

    `expected_version`: the one that the author has seen; None: whichever there is. `lets_go`: not in a transaction, to
    whose end the application would wait for what goes on; whoever opened one calls `let_go` after it.

    Raises RulesError, StaleRulesError, SnowflakeConfiguration.DoesNotExist; then nothing has changed.
    """
    rules = read_rules([one if isinstance(one, Mapping) else documents([one])[0] for one in wanted])
    with _locked(configuration_id, expected_version) as (configuration, version):
        changed = _put(configuration, version, rules, author)
    return let_go(configuration_id, changed) if lets_go else changed


def add_rule(
    configuration_id: UUID,
    document: Document,
    *,
    author: str,
    position: int | None = None,
    expected_version: int | None = None,
) -> Changed:
    """A rule more, at this place in the order, from 1; None: the last. Raises what `change_rules` does."""

    def edit(there: list[Document]) -> None:
        there.insert(len(there) if position is None else max(0, position - 1), document)

    return _edit(configuration_id, edit, author, expected_version)


def edit_rule(
    configuration_id: UUID,
    name: str,
    changes: Mapping[str, Any],
    *,
    author: str,
    position: int | None = None,
    expected_version: int | None = None,
) -> Changed:
    """Changes what is named of one rule, where None takes it out, and puts it at this place in the order, from 1.

    Raises what `change_rules` does, and NoSuchRuleError.
    """

    def edit(there: list[Document]) -> None:
        place = _place(there, name)
        edited = {**there.pop(place), **changes}
        place = place if position is None else max(0, position - 1)
        there.insert(place, {key: value for key, value in edited.items() if value is not None})

    return _edit(configuration_id, edit, author, expected_version)


def switch_rule(
    configuration_id: UUID, name: str, *, enabled: bool, author: str, expected_version: int | None = None
) -> Changed:
    """Switches one rule on or off. Raises what `edit_rule` does."""
    changes = {"enabled": enabled}
    return edit_rule(configuration_id, name, changes, author=author, expected_version=expected_version)


def move_rule(
    configuration_id: UUID, name: str, position: int, *, author: str, expected_version: int | None = None
) -> Changed:
    """Puts one rule at this place in the order, from 1. Raises what `edit_rule` does."""
    return edit_rule(configuration_id, name, {}, author=author, position=position, expected_version=expected_version)


def delete_rule(configuration_id: UUID, name: str, *, author: str, expected_version: int | None = None) -> Changed:
    """Takes one rule away. Raises what `edit_rule` does."""

    def edit(there: list[Document]) -> None:
        del there[_place(there, name)]

    return _edit(configuration_id, edit, author, expected_version)


def rotate_hash_key(configuration_id: UUID, *, author: str, expected_version: int | None = None) -> Changed:
    """Values are hashed with a new key from now on; NEW_KEY says what that does. What is loaded stays as it is.

    Raises NothingHashedError, StaleRulesError, `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    with _locked(configuration_id, expected_version) as (configuration, version):
        there = of_version(configuration_id, version)
        if there.hash_key is None:
            raise NothingHashedError
        changed = _new_version(there, configuration_id, rotate_key(configuration), author)
        _record(Action.HASH_KEY_ROTATED, configuration, changed)
    return let_go(configuration_id, changed)


def _edit(
    configuration_id: UUID, edit: Callable[[list[Document]], None], author: str, expected_version: int | None
) -> Changed:
    with _locked(configuration_id, expected_version) as (configuration, version):
        there = documents(of_version(configuration_id, version).rules)
        edit(there)
        changed = _put(configuration, version, read_rules(there), author)
    return let_go(configuration_id, changed)


def _place(there: Sequence[Document], name: str) -> int:
    for place, document in enumerate(there):
        if document["name"].casefold() == name.casefold():
            return place
    raise NoSuchRuleError(name)


@contextmanager
def _locked(configuration_id: UUID, expected_version: int | None) -> Iterator[tuple[SnowflakeConfiguration, int]]:
    """A transaction in which nobody else changes the destination's rules. Gives it and their version."""
    with short_transaction() as cursor:
        # The application waits for nothing that is locked here, so that there is time for others to come first.
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        found = SnowflakeConfiguration.objects.select_for_update(no_key=True, of=("self",))
        configuration = found.get(pk=configuration_id)
        last = SyncRuleVersion.objects.filter(configuration=configuration_id).order_by("-version").first()
        version = last.version if last else 0
        if expected_version not in (None, version):
            by = f", made by {last.author or 'somebody'} at {last.made_at:%Y-%m-%d %H:%M:%S} UTC" if last else ""
            raise StaleRulesError(
                f"The rules are at version {version}{by}; the change is to version {expected_version}."
            )
        yield configuration, version


def _put(configuration: SnowflakeConfiguration, version: int, rules: tuple[Rule, ...], author: str) -> Changed:
    _put_rows(configuration.pk, documents(rules), author)
    hashes = any(isinstance(rule, Hash) and rule.enabled for rule in rules)
    hash_key = ensure_key(configuration) if hashes else None
    there = SyncRuleVersion.objects.filter(configuration=configuration, version=version)
    stored, stored_key = there.values_list("rules", "hash_key").first() or ([], None)
    if (_text(stored), stored_key) == (_text(documents(rules)), hash_key):
        return Changed(of_version(configuration.pk, version), is_new=False)
    changed = _new_version(RuleSet(version, rules), configuration.pk, hash_key, author)
    _record(Action.RULES_CHANGED, configuration, changed, rule_changes(stored, documents(rules)))
    return changed


def _record(action: str, about: SnowflakeConfiguration, changed: Changed, changes: Sequence[Change] = ()) -> None:
    note = f"version {changed.rules.version}"
    record(action, Kind.DESTINATION, about.pk, about, owner_id=about.user_id, changes=changes, note=note)


def _new_version(before: RuleSet, configuration_id: UUID, hash_key: int | None, author: str) -> Changed:
    with connection.cursor() as cursor:
        if earlier := earlier_workers(cursor, lease_seconds=settings.SYNC_LEASE_SECONDS):
            raise EarlierWorkerError(f"Workers that follow no rules are at work: {', '.join(earlier)}.")
    made = RuleSet(before.version + 1, before.rules, hash_key)
    SyncRuleVersion.objects.create(
        configuration_id=configuration_id,
        version=made.version,
        rules=documents(made.rules),
        hash_key=hash_key,
        author=author,
    )
    return Changed(made, is_new=True)


def let_go(configuration_id: UUID, changed: Changed) -> Changed:
    """What earlier rules have held goes on, once the change is committed: for some seconds here, then by workers."""
    number, is_all = release_held(configuration_id, seconds=RELEASING)
    return replace(changed, released=number, more_held=not is_all)


def _put_rows(configuration_id: UUID, wanted: Sequence[Document], author: str) -> None:
    """Makes the table that people edit say the same. A rule that stays as it is keeps its author and dates."""
    there = list(SyncRule.objects.filter(configuration=configuration_id))
    known = {row.name.casefold(): row for row in there}
    rows = []
    for position, document in enumerate(wanted, 1):
        row = _row(document)
        row.configuration_id, row.position, row.author = configuration_id, position, author
        if before := known.get(row.name.casefold()):
            row.id, row.created_at = before.id, before.created_at
            same = _said(before) == _said(row)
            row.author, row.updated_at = (before.author, before.updated_at) if same else (author, Now())
        rows.append(row)
    if [(row.position, _said(row)) for row in rows] != [(row.position, _said(row)) for row in there]:
        SyncRule.objects.filter(configuration=configuration_id).delete()
        SyncRule.objects.bulk_create(rows)


def _row(document: Document) -> SyncRule:
    settings = dict(document)
    apart = {name: settings.pop(name) for name in ("name", "kind", "workflow", "note") if name in settings}
    return SyncRule(is_active=settings.pop("enabled", True), settings=settings, **apart)


def _said(row: SyncRule) -> tuple[object, ...]:
    return row.name, row.kind, row.workflow, row.note, row.is_active, _text(row.settings)


def _text(said: object) -> str:
    """As JSON: in Python, 1, 1.0 and True would be the same."""
    return json.dumps(said, sort_keys=True)
