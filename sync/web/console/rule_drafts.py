"""Rules that somebody has changed on a page, and that are not saved yet: checked, told of, then saved as one version.

What was typed is carried along as the rules that it makes, on top of those in force: nobody's change is lost.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import SnowflakeConfiguration
from sync.destinations import NotDoneError, check_rate
from sync.operations import RuleFinding, StaleRulesError, change_rules, check_rules, rules_of
from sync.rules import RulesError, RuleSet, documents, of_version, ordered, read_rules, to_text
from sync.web.console.access import viewer
from sync.web.console.confirmation import LOOKING
from sync.web.shared import whole_number

Document = dict[str, Any]
_APART = ("name", "kind", "workflow", "note", "enabled")
# From the rules that the page was opened with, and those in force: what is wanted instead.
Edit = Callable[[list[Document], list[Document]], list[Document]]


@dataclass
class Draft:
    """`rules`: as documents. `version`: in force, on top of which they are. `warned`: what the viewer has been told."""

    version: int
    rules: list[Document]
    problems: list[str] = field(default_factory=list)
    findings: list[RuleFinding] = field(default_factory=list)
    warned: str = ""

    @property
    def is_serious(self) -> bool:
        """It is saved only by who has been told."""
        return any(one.level != "information" for one in self.findings)

    @property
    def read(self) -> RuleSet | None:
        """None: they are no rules."""
        return None if self.problems else RuleSet(self.version, read_rules(self.rules))


def opened(about: SnowflakeConfiguration) -> Draft:
    """The rules in force, as a page shows them first. Raises `rules_unreadable`."""
    there = rules_of(about.pk)
    return Draft(there.version, documents(there.rules))


def drafted(request: HttpRequest, about: SnowflakeConfiguration, edit: Edit) -> Draft:
    """What was sent, on top of the rules in force; what is wrong with it, and what is to be said of it.

    Raises `rules_unreadable`.
    """
    seen = whole_number(request.POST.get("version"), -1)
    draft = opened(about)
    there = draft.rules
    base = there if seen == draft.version else documents(of_version(about.pk, seen).rules) if seen >= 0 else there
    draft.rules = edit(base, there)
    try:
        rules = read_rules(draft.rules)
    except RulesError as error:
        draft.problems = [_told(draft.rules, place, said) for place, said in error.problems]
        return draft
    if seen != draft.version:
        draft.problems = [_overtaken(about)]
    changed = {rule["name"] for rule in draft.rules if rule not in there}
    found = check_rules(about, RuleSet(draft.version, rules), seconds=LOOKING) if changed else []
    draft.findings = [one for one in found if one.rule in changed or one.level == "error"]
    draft.warned = _digest(draft)
    return draft


def saved(request: HttpRequest, about: SnowflakeConfiguration, draft: Draft) -> bool:
    """Saves it as a version, unless there is something to be said of it first, which then stands in it."""
    if draft.problems or (draft.is_serious and request.POST.get("warned") != draft.warned):
        return False
    check_rate("configure", viewer(request).pk)
    author = viewer(request).get_username()
    try:
        changed = change_rules(about.pk, draft.rules, author=author, expected_version=draft.version)
    except StaleRulesError:
        draft.problems = [_overtaken(about)]
        draft.version = rules_of(about.pk).version
        return False
    except NotDoneError as error:
        draft.problems = [f"{error} {error.what_to_do}"]
        return False
    if changed.is_new:
        tell_of_version(request, about, changed.rules.version, changed.goes_on)
    else:
        messages.info(request, "Nothing was changed.")
    return True


def tell_of_version(request: HttpRequest, about: SnowflakeConfiguration, version: int, more: str = "") -> None:
    address = reverse("console:rules", args=[about.pk, version])
    said = 'The rules are at version {}: <a href="{}">what it changed, and back</a>. {}'
    messages.success(request, format_html(said, version, address, more))


def brief(said: Document) -> str:
    """What a rule does, on one line."""
    shown = {key: value for key, value in said.items() if key not in _APART}
    lines = [line.strip() for line in to_text(ordered(shown)).splitlines() if line.strip()]
    return "; ".join(lines).replace(":; ", ": ")


def _overtaken(about: SnowflakeConfiguration) -> str:
    return (
        f"Somebody has changed the rules meanwhile: they are at version {rules_of(about.pk).version}. "
        "What you typed stands below on top of that, and is not saved. Look, and save again."
    )


def _told(rules: list[Document], place: tuple[str | int, ...], said: str) -> str:
    number, *inner = place or ("",)
    named = (
        f"Rule “{rules[number].get('name', number)}”" if isinstance(number, int) and number < len(rules) else "Rules"
    )
    where = f", {'.'.join(map(str, inner))}" if inner else ""
    return f"{named}{where}: {said}."


def _digest(draft: Draft) -> str:
    said = json.dumps([draft.rules, draft.version], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
