"""/api/snowflake/configurations/{id}/rules: which executions, columns and rows go to a destination."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from sync.operations import (
    NEW_KEY,
    Changed,
    Loaded,
    add_rule,
    change_rules,
    check_rules,
    count_to_retry,
    delete_rule,
    described,
    edit_rule,
    rotate_hash_key,
    rule_versions,
)
from sync.reporting import CHANGE_DESTINATIONS, VIEW_RESULTS, may
from sync.rules import RulesError
from sync.web.api import rules_fields as fields
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.problems import not_found
from sync.web.api.scope import current_user

# Seconds that a change looks at recent results, for what is to be said of the rules.
CHECKING = 3.0
_CHANGES: dict[str, Any] = {"demands": CHANGE_DESTINATIONS, "rate": "configure"}
_STALE = {409: "Somebody else has changed the rules meanwhile, or what is stored cannot be read; `detail` says."}


class RuleViewSet(DestinationViewSet):
    """The rules of a destination that the token's user may see: what they are."""

    @operation(answer=fields.Rules)
    def read_rules(self) -> Any:
        """The rules of a destination, in order.

        `rules` is what PUT takes, with `version`.
        """
        return self._rules()

    @operation(takes=fields.WantedRules, answer=fields.RulesChanged, problems=_STALE, **_CHANGES)
    def change_rules(self, sent: Sent) -> Any:
        """Put these rules in place of all that there are.

        What waits is loaded by the new ones. What is loaded stays as it is: `effect` counts it, `reload` loads it
        again.
        """
        with rules_named("rules"):
            return self._changed(change_rules(self.about.pk, sent["rules"], **self._seen(sent)))

    @operation(takes=fields.NewRule, answer=fields.RulesChanged, status=201, problems=_STALE, **_CHANGES)
    def add_rule(self, sent: Sent) -> Any:
        """One rule more.

        The last, unless `position` says otherwise.
        """
        with rules_named("rule", one=True):
            seen = self._seen(sent)
            return self._changed(add_rule(self.about.pk, sent["rule"], position=sent.get("position"), **seen))

    @operation(takes=fields.RuleChange, answer=fields.RulesChanged, problems=_STALE, **_CHANGES)
    def edit_rule(self, sent: Sent, name: str) -> Any:
        """Change one rule, move it, switch it on or off.

        Only what is sent is changed: `{"rule": {"enabled": false}}` switches it off.
        """
        with rules_named("rule", one=True):
            seen = self._seen(sent)
            return self._changed(edit_rule(self.about.pk, name, sent["rule"], position=sent.get("position"), **seen))

    @operation(query=fields.SeenVersion, answer=fields.RulesChanged, problems=_STALE, **_CHANGES)
    def delete_rule(self, sent: Sent, name: str) -> Any:
        """Take one rule away."""
        return self._changed(delete_rule(self.about.pk, name, **self._seen(sent)))

    @operation(
        takes=fields.SeenVersion,
        answer=fields.KeyChanged,
        problems={409: "Nothing is hashed, or the rules have changed meanwhile."},
        more=NEW_KEY,
        **_CHANGES,
    )
    def rotate_hash_key(self, sent: Sent) -> Any:
        """Hash with a new key from now on."""
        rotate_hash_key(self.about.pk, **self._seen(sent))
        last, _ = described(self.about.pk)
        last.message = NEW_KEY  # type: ignore[attr-defined]  # for the answer
        return last

    @operation(query=fields.VersionParameters, answer=fields.RuleVersions)
    def list_rule_versions(self, sent: Sent) -> Any:
        """Who changed the rules, and when, the latest first."""
        return {"items": rule_versions(self.about.pk, limit=sent["limit"], before=sent.get("before"))}

    @operation(answer=fields.RulesAt)
    def read_rule_version(self, version: int) -> Any:
        """The rules as they were at a version."""
        found = rule_versions(self.about.pk, limit=1, before=version + 1)
        if not found or found[0].version != version:
            raise not_found("version")
        return found[0]

    def _seen(self, sent: Sent) -> dict[str, Any]:
        """Who changes the rules, and which version was seen."""
        return {"author": current_user(self.request).email, "expected_version": sent.get("version")}

    def _rules(self) -> Any:
        version, rows = described(self.about.pk)
        version.about = rows  # type: ignore[attr-defined]  # for the answer
        return version

    def _changed(self, changed: Changed) -> Any:
        """The rules, what has become of them, and what there is to say of them."""
        done = self._rules()
        done.changed, done.released = changed.is_new, changed.released
        done.to_retry = count_to_retry(Loaded(self.about.pk))
        # What conditions match tells values.
        may_see = may(current_user(self.request), VIEW_RESULTS)
        found = check_rules(self.about, changed.rules, seconds=CHECKING) if may_see else []
        done.findings = [one.as_json() for one in found]
        return done


@contextmanager
def rules_named(field: str, *, one: bool = False) -> Iterator[None]:
    """What is wrong with a document is named by its place in the field; in that of one rule, which has no number."""
    try:
        yield
    except RulesError as error:
        said = defaultdict(list)
        for place, problem in error.problems:
            said[".".join([field, *map(str, place[one:])])].append(ErrorDetail(problem, "rule"))
        raise ValidationError(dict(said)) from None
