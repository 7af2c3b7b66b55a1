"""Retry and skip, of what is selected or of all that match: a page that says how many, then exactly these."""

from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from sync.destinations import TooOftenError
from sync.postgres import TooSlowError
from sync.queue import ItemFilter
from sync.reporting import RETRY, VIEW, as_uuid
from sync.web.admin.item_query import AdminQuery
from sync.web.shared import COUNTING, VERBS, Selection, ask_or_apply, unknown_parameters

TOO_MANY = f"Not counted within {COUNTING:.0f} s. Ask for less, or use the command manage.py retry_failed_syncs."


class ItemActions(admin.ModelAdmin):
    """The actions of the queue's list, for those who may."""

    actions = ("retry_selected", "skip_selected")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms((VIEW, RETRY))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.change_by_hand)
        own = [path(f"{name}/", view, {"verb": name}, f"sync_syncqueueitem_{name}") for name in VERBS]
        return [*own, *super().get_urls()]

    @admin.action(description="Retry the selected items", permissions=["retry"])
    def retry_selected(self, request: HttpRequest, _items: Any) -> HttpResponse:
        return self._answer(request, "retry", _selected(request.POST.getlist(ACTION_CHECKBOX_NAME)))

    @admin.action(description="Skip the selected items", permissions=["retry"])
    def skip_selected(self, request: HttpRequest, _items: Any) -> HttpResponse:
        return self._answer(request, "skip", _selected(request.POST.getlist(ACTION_CHECKBOX_NAME)))

    def change_by_hand(self, request: HttpRequest, verb: str) -> HttpResponse:
        """GET: how many, and whether one means it. POST: does it, and tells."""
        if not self.has_retry_permission(request):
            raise PermissionDenied
        parameters = request.POST if request.method == "POST" else request.GET
        selected = parameters.getlist("item")
        if not selected:
            return self._answer(request, verb, _matching(parameters))
        unknown = unknown_parameters(parameters, ["item"])
        return self._answer(request, verb, replace(_selected(selected), errors=unknown))

    def _answer(self, request: HttpRequest, verb: str, selection: Selection) -> HttpResponse:
        try:
            context = ask_or_apply(request, VERBS[verb], selection)
        except (TooOftenError, TooSlowError) as error:
            said = TOO_MANY if isinstance(error, TooSlowError) else str(error)
            context = ask_or_apply(request, VERBS[verb], replace(selection, errors=[said]))
        if context is None:
            return HttpResponseRedirect(selection.back)
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{VERBS[verb].title} items",
            "action": reverse(f"admin:sync_syncqueueitem_{verb}"),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sync/syncqueueitem/confirm.html", context)


def _selected(named: list[str]) -> Selection:
    """These items; a single one leads back to its page."""
    ids = tuple(id_ for id_ in map(as_uuid, named) if id_)
    words, back = "the selected items", reverse("admin:sync_syncqueueitem_changelist")
    if len(ids) == 1:
        words, back = "this item", reverse("admin:sync_syncqueueitem_change", args=ids)
    return Selection(ItemFilter(item_ids=ids), [words], [("item", str(id_)) for id_ in ids], [], back)


def _matching(parameters: QueryDict) -> Selection:
    """All that match the list's address."""
    query = AdminQuery(parameters)
    problems = [*query.problems, *query.unknown]
    back = reverse("admin:sync_syncqueueitem_changelist", query=query.parameters)
    return Selection(query.what, query.words or ["all items"], list(query.parameters.items()), problems, back)
