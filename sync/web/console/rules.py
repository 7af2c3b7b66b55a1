"""The rules of a destination as they were at one version, and what that version changed."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.models import SyncRuleVersion
from sync.reporting import VIEW_DESTINATIONS, scope_of
from sync.rules import as_yaml, difference, of_version
from sync.web.console.access import console_page, viewer


@console_page
def rules_page(request: HttpRequest, configuration_id: UUID, version: int) -> HttpResponse:
    """The document of a version. 404 also if the destination is somebody else's."""
    versions = SyncRuleVersion.objects.filter(configuration=configuration_id)
    owner = scope_of(viewer(request), VIEW_DESTINATIONS)
    if owner is not None:
        versions = versions.filter(configuration__user_id=owner)
    shown = versions.filter(version=version).defer("rules").first()
    if shown is None:
        raise Http404("There is no such version of rules.")
    context = {
        "now": timezone.now(),
        "configuration": SnowflakeConfiguration.objects.get(pk=configuration_id),
        "shown": shown,
        "latest": versions.order_by("-version").values_list("version", flat=True)[0],
        **_said(configuration_id, version),
    }
    return render(request, "console/rules.html", context)


def _said(configuration_id: UUID, version: int) -> dict[str, object]:
    try:
        rules = of_version(configuration_id, version).rules
        document = as_yaml(rules)
    except SyncError as error:
        return {"unreadable": error}
    try:
        return {"document": document, "changes": difference(of_version(configuration_id, version - 1).rules, rules)}
    except SyncError:
        return {"document": document}
