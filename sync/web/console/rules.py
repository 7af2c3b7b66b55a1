"""All rules of a destination as a file: edited, pasted, downloaded; and the versions before, each can come back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.destinations import check_rate
from sync.errors import SyncError
from sync.models import SyncRuleVersion
from sync.operations import change_rules, rules_of
from sync.rules import Rule, RulesFileError, as_yaml, difference, documents, of_version, read_file, write_file
from sync.web.console.access import demand, form_page, viewer
from sync.web.console.destination_access import destination_page, find, render_destination, told
from sync.web.console.rule_drafts import Draft, drafted, opened, saved, tell_of_version
from sync.web.shared import whole_number


@form_page
def rules_page(request: HttpRequest, configuration_id: UUID, version: int) -> HttpResponse:
    """The document of a version; POST puts it back in force. 404 also if the destination is somebody else's."""
    about = find(request, configuration_id)
    versions = SyncRuleVersion.objects.filter(configuration=configuration_id)
    shown = versions.filter(version=version).defer("rules").first()
    if shown is None:
        raise Http404("There is no such version of rules.")
    if request.method == "POST":
        demand(request)
        with told(request):
            _put_back(request, about, version)
        return redirect("console:data", about.pk)
    context = {
        "configuration": about,
        "shown": shown,
        "latest": versions.order_by("-version").values_list("version", flat=True)[0],
        **_said(configuration_id, version),
    }
    return render_destination(request, about, "data", "rules", **context)


def _put_back(request: HttpRequest, about: SnowflakeConfiguration, version: int) -> None:
    seen, author = whole_number(request.POST.get("latest"), -1), viewer(request).get_username()
    check_rate("configure", viewer(request).pk)
    there = of_version(about.pk, version)
    changed = change_rules(about.pk, documents(there.rules), author=author, expected_version=seen)
    if changed.is_new:
        more = f"It says what version {version} said. {changed.goes_on}"
        tell_of_version(request, about, changed.rules.version, more)
    else:
        messages.info(request, "The rules say the same already.")


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


@destination_page
def rules_file(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """The rules as YAML. POST checks what was written, and says what it would change; `act` save: saves it."""
    if request.method != "POST":
        return _show_file(request, about, opened(about), None)
    demand(request)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    with told(request):
        rules: tuple[Rule, ...] = ()
        wrong: list[str] = []
        try:
            file = read_file(text.encode("utf-8", "surrogatepass"), "line")
            rules = file.rules
        except RulesFileError as error:
            wrong = [f"Line {number}: {said}" for number, said in error.problems]
        if wrong:
            draft = opened(about)
            draft.problems = wrong
        else:
            draft = drafted(request, about, lambda _base, _there: documents(rules))
            if request.POST.get("act") == "save" and saved(request, about, draft):
                return redirect("console:data", about.pk)
        return _show_file(request, about, draft, text)
    return redirect("console:rules-file", about.pk)


@destination_page
def rules_yaml(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """The rules in force, to be kept, or read by manage.py sync_rules."""
    there = rules_of(about.pk)
    # In the first line there is no room for another one.
    name = " ".join(str(about).split())
    text = write_file(there.rules, about.pk, there.version, f", {name}, {timezone.now():%Y-%m-%d %H:%M} UTC")
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="rules-{about.pk}-{there.version}.yaml"'
    return answer


def _show_file(request: HttpRequest, about: SnowflakeConfiguration, draft: Draft, text: str | None) -> HttpResponse:
    there = rules_of(about.pk).rules
    rules = draft.read if text is not None else None
    context = {
        "draft": draft,
        "text": as_yaml(there) if text is None else text,
        "changes": difference(there, rules.rules) if rules else None,
        "is_checked": text is not None,
    }
    return render_destination(request, about, "data", "data_file", **context)
