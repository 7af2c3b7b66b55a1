"""A destination's pages about its rules: what is in force, what it means for what is loaded, its earlier versions."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import SnowflakeConfiguration
from sync.destinations import check_rate
from sync.errors import SyncError
from sync.operations import NEW_KEY, ChangeCounts, check_rules, rotate_hash_key, rule_versions, rules_of
from sync.reporting import counted
from sync.web.admin.configuration_pages import Page
from sync.web.admin.rule_acts import ACTS, LOOKING, Act, Confirmed, ConfirmedRulesForm, Counted, meanings
from sync.web.admin.rule_forms import version_in
from sync.web.admin.rule_preview_page import RulePreviewPage
from sync.web.shared import COUNTING, DOING, hidden, told

# Versions that are listed, the latest.
SHOWN = 20


class RulePages(RulePreviewPage):
    """`…/{id}/rules` and below."""

    @property
    def pages(self) -> dict[str, Page]:
        acts = {
            f"rules/{act.path}": Page(partial(self._act_page, act), partial(self._act, act), "rules", act.may)
            for act in ACTS
        }
        key = Page(self._key_page, self._rotate_key, "rules")
        return {**super().pages, "rules": Page(self._rules_page, None, "rules"), "rules/rotate-key": key, **acts}

    def _rules_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        said: dict[str, Any] = {}
        try:
            rules = rules_of(about.pk)
            findings = check_rules(about, rules, seconds=LOOKING)
            found = [(each, request.user.has_perm(each.act.may)) for each in meanings(about.pk, LOOKING)]
            said = {"rules": rules, "findings": findings, "meanings": found}
        except SyncError as error:
            said = {"unreadable": error}
        versions = rule_versions(about.pk, limit=SHOWN + 1)
        shown = {"versions": versions[:SHOWN], "has_older": len(versions) > SHOWN}
        return self._show(request, about, "rules", title=f"Rules of {about}", **said, **shown)

    # Hash key

    def _key_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        rules = rules_of(about.pk)
        return self._show(request, about, "hash_key", title=f"Hash key of {about}", rules=rules, new_key=NEW_KEY)

    def _rotate_key(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        seen = version_in(request.POST.get("version"), -1)
        changed = rotate_hash_key(about.pk, author=request.user.get_username(), expected_version=seen)
        said = f"Version {changed.rules.version} of the rules hashes with key {changed.rules.hash_key}."
        self.message_user(request, said, messages.SUCCESS)

    # What is to be done with what is loaded

    def _act_page(self, act: Act, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        return self._confirm(request, about, act, act.counted(about.pk, COUNTING))

    def _act(self, act: Act, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse | None:
        form = ConfirmedRulesForm(request.POST)
        if not form.is_valid():
            return self._act_page(act, request, about)
        check_rate("backfill", request.user.pk)
        what = form.confirmed
        done = act.do(about.pk, **what._asdict(), seconds=DOING)
        self._tell_of_act(request, about, act, what, done)
        if not done.left:
            return None
        rest = Counted(what.version, what.as_of, done.left)
        return self._confirm(request, about, act, rest, Confirmed(what.version, what.as_of, done.left, done.after))

    def _confirm(
        self,
        request: HttpRequest,
        about: SnowflakeConfiguration,
        act: Act,
        found: Counted | None,
        begun: Confirmed | None = None,
    ) -> HttpResponse:
        """Asks whether it is to be done to so many; None: they could not be counted in time. `begun`: to some it is."""
        wanted = found.wanted if found else 0
        sent: list[tuple[str, object]] = []
        if found and wanted:
            sent = [("version", found.version), *hidden(found.as_of, wanted, begun and begun.after)]
        notes = [f"{note}." for note in found.notes] if found else []
        too_slow = f"Not counted within {COUNTING:.0f} s. Use the command manage.py sync_rules {act.path}."
        back = reverse("admin:accounts_snowflakeconfiguration_rules", args=[about.pk])
        return self._show(
            request,
            about,
            "rules_act",
            title=act.title(wanted),
            found=found,
            verb={"name": act.name, "hint": " ".join([*notes, act.hint])},
            after=begun,
            hidden=sent,
            button=act.title(wanted),
            selection={"errors": [] if found else [too_slow], "words": [f"destination “{about}”"], "back": back},
        )

    def _tell_of_act(
        self, request: HttpRequest, about: SnowflakeConfiguration, act: Act, what: Confirmed, done: ChangeCounts
    ) -> None:
        said = told(done, f"{done.changed:,} of {counted(what.wanted, 'execution')} {act.done}", "execution")
        self.message_user(request, said, messages.SUCCESS if done.changed == what.wanted else messages.WARNING)
