"""Retry and skip, of what is selected or of all that match: a page that says how many, then exactly these."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from sync.destinations import TooOftenError, count
from sync.models import SyncQueueItem
from sync.operations import RETRYING, SKIPPING, Carried, Handling, Mark, Prospect, carry_out, foresee
from sync.postgres import TooSlowError, bounded_reading
from sync.queue import ItemFilter
from sync.reporting import RETRY, VIEW, as_uuid
from sync.web.admin.item_query import ItemQuery
from sync.web.admin.record import record
from sync.web.shared import Confirmed

# Seconds for counting what is to be confirmed, and for doing it, before one is asked to go on.
COUNTING = 10.0
DOING = 15.0
TOO_MANY = f"Not counted within {COUNTING:.0f} s. Ask for less, or use the command manage.py retry_failed_syncs."
# Why what is in these states is left alone.
REASONS = {
    "processing": "being loaded by a worker at this moment: that cannot be taken from it, retry when it has ended",
    "pending": "waiting already",
    "completed": "loaded already; a backfill with force loads again",
    "skipped": "skipped: they come back when there is a destination; what was skipped by hand, where it is selected",
    "failed": "failed",
}


@dataclass(frozen=True)
class Verb:
    """A change by hand, in words."""

    name: str
    title: str
    button: str
    done: str
    handling: Handling
    hint: str


VERBS = {
    "retry": Verb(
        "retry",
        "Retry",
        "Retry {}",
        "pending again",
        RETRYING,
        "Pending again, with all retries. Mend the cause first: what is still wrong fails again.",
    ),
    "skip": Verb(
        "skip",
        "Skip",
        "Skip {}",
        "skipped",
        SKIPPING,
        "Not loaded until new results come, or somebody retries.",
    ),
}


@dataclass(frozen=True)
class Asked:
    """Which items somebody means: those that are selected, or all that match the list's address."""

    what: ItemFilter
    words: list[str]
    fields: list[tuple[str, str]]
    errors: list[str]
    ids: tuple[Any, ...] = ()

    @classmethod
    def of(cls, parameters: QueryDict) -> "Asked":
        if selected := parameters.getlist("item"):
            ids = tuple(id_ for id_ in map(as_uuid, selected) if id_)
            words = ["the selected items"] if len(ids) > 1 else ["this item"]
            return cls(ItemFilter(item_ids=ids), words, [("item", str(id_)) for id_ in ids], [], ids)
        query = ItemQuery(parameters)
        return cls(query.what, query.words or ["all items"], list(query.parameters.items()), query.errors)

    @property
    def back(self) -> str:
        """Where one came from: the item's page, or the list."""
        if len(self.ids) == 1:
            return reverse("admin:sync_syncqueueitem_change", args=[self.ids[0]])
        listed = reverse("admin:sync_syncqueueitem_changelist")
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in self.fields if name != "item"})
        return f"{listed}?{query.urlencode()}" if query else listed


class ItemActions(admin.ModelAdmin):
    """The actions of the queue's list, for those who may."""

    actions = ("retry_selected", "skip_selected")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms((VIEW, RETRY))

    def get_urls(self) -> list[Any]:
        return [
            path(
                f"{name}/",
                self.admin_site.admin_view(self.change_by_hand),
                {"verb": name},
                f"sync_syncqueueitem_{name}",
            )
            for name in VERBS
        ] + super().get_urls()

    @admin.action(description="Retry the selected items", permissions=["retry"])
    def retry_selected(self, request: HttpRequest, _items: Any) -> HttpResponse:
        return self._confirm(request, VERBS["retry"], _selected(request))

    @admin.action(description="Skip the selected items", permissions=["retry"])
    def skip_selected(self, request: HttpRequest, _items: Any) -> HttpResponse:
        return self._confirm(request, VERBS["skip"], _selected(request))

    def change_by_hand(self, request: HttpRequest, verb: str) -> HttpResponse:
        """GET: how many, and whether one means it. POST: does it, and tells."""
        if not self.has_retry_permission(request):
            raise PermissionDenied
        asked = Asked.of(request.POST if request.method == "POST" else request.GET)
        confirmed = Confirmed(request.POST)
        if request.method != "POST" or asked.errors or not confirmed.is_valid():
            return self._confirm(request, VERBS[verb], asked)
        try:
            count("retry", request.user.pk)
        except TooOftenError as error:
            self.message_user(request, str(error), messages.WARNING)
            return self._confirm(request, VERBS[verb], asked)
        data = confirmed.cleaned_data
        done = carry_out(
            VERBS[verb].handling,
            asked.what,
            as_of=data["as_of"],
            wanted=data["wanted"],
            mark=confirmed.mark,
            seconds=DOING,
        )
        self._tell(request, VERBS[verb], asked, data["wanted"], done)
        if done.finished:
            return HttpResponseRedirect(asked.back)
        return self._page(request, VERBS[verb], asked, Prospect(data["as_of"], done.left, {}, 0), done.mark)

    def _confirm(self, request: HttpRequest, verb: Verb, asked: Asked) -> HttpResponse:
        try:
            with bounded_reading(COUNTING):
                prospect = None if asked.errors else foresee(verb.handling, asked.what)
        except TooSlowError:
            asked, prospect = replace(asked, errors=[TOO_MANY]), None
        return self._page(request, verb, asked, prospect, None)

    def _page(
        self, request: HttpRequest, verb: Verb, asked: Asked, prospect: Prospect | None, mark: Mark | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{verb.title} items",
            "verb": verb,
            "asked": asked,
            "prospect": prospect,
            "mark": mark,
            "action": reverse(f"admin:sync_syncqueueitem_{verb.name}"),
            "button": verb.button.format(_items(prospect.wanted)) if prospect else "",
            "left_alone": left_alone(prospect) if prospect else [],
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sync/syncqueueitem/confirm.html", context)

    def _tell(self, request: HttpRequest, verb: Verb, asked: Asked, wanted: int, done: Carried) -> None:
        counts = [
            f"{_items(done.changed)} of {wanted:,} {verb.done}",
            f"{_items(done.meanwhile)} left alone: changed since they were counted" if done.meanwhile else "",
            f"{_items(done.held)} left alone: held by somebody else, try again in a moment" if done.held else "",
            f"{_items(done.no_owner)} left alone: without owner" if done.no_owner else "",
            f"{_items(done.left)} not reached in the time" if done.left else "",
        ]
        said = "; ".join(filter(None, counts)) + "."
        whole = done.changed == wanted
        self.message_user(request, said, messages.SUCCESS if whole else messages.WARNING)
        record(request, SyncQueueItem, f"{verb.title}: {', '.join(asked.words)}", said, asked.ids)


def left_alone(prospect: Prospect) -> list[str]:
    """What a change leaves alone, and why."""
    said = [f"{_items(number)} {REASONS.get(status, status)}" for status, number in sorted(prospect.others.items())]
    if prospect.no_owner:
        said.append(f"{_items(prospect.no_owner)} without owner: give the workflow one (workflows.user_id), then retry")
    return said


def _selected(request: HttpRequest) -> Asked:
    selected = QueryDict(mutable=True)
    selected.setlist("item", request.POST.getlist(ACTION_CHECKBOX_NAME))
    return Asked.of(selected)


def _items(number: int) -> str:
    return f"{number:,} {'item' if number == 1 else 'items'}"
