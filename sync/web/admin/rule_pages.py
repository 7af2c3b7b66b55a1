"""A destination's pages about its rules: what is in force, what is to be said of it, and its earlier versions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.models import SyncRuleVersion
from sync.operations import NEW_KEY, check_rules, rotate_hash_key, rules_of
from sync.web.admin.configuration_pages import DestinationPages, Page

# Versions that are listed, the latest.
SHOWN = 20
# Seconds for a look at recent results.
CHECKING = 3.0


class RulePages(DestinationPages):
    """`…/{id}/rules` and below."""

    @property
    def pages(self) -> dict[str, Page]:
        return {
            **super().pages,
            "rules": (self._rules_page, None, "rules"),
            "rules/rotate-key": (self._key_page, self._rotate_key, "rules"),
        }

    def _rules_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        versions = SyncRuleVersion.objects.filter(configuration=about).order_by("-version").defer("rules")
        said: dict[str, Any] = {}
        try:
            rules = rules_of(about.pk)
            said = {"rules": rules, "findings": check_rules(about, rules, seconds=CHECKING)}
        except SyncError as error:
            said = {"unreadable": error}
        listed = list(versions[: SHOWN + 1])
        shown = {"versions": listed[:SHOWN], "has_older": len(listed) > SHOWN}
        return self._show(request, about, "rules", title=f"Rules of {about}", **said, **shown)

    def _key_page(self, request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
        return self._show(
            request, about, "hash_key", title=f"Hash key of {about}", rules=rules_of(about.pk), new_key=NEW_KEY
        )

    def _rotate_key(self, request: HttpRequest, about: SnowflakeConfiguration) -> None:
        seen = request.POST.get("version", "")
        version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1
        changed = rotate_hash_key(about.pk, author=request.user.get_username(), expected_version=version)
        said = f"Version {changed.rules.version} of the rules hashes with key {changed.rules.hash_key}."
        self.log_change(request, about, said)
        self.message_user(request, said, messages.SUCCESS)
