"""The action of a list that leads to the console's backfill of the rows that are ticked."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from sync.reporting import BACKFILL


class BackfillAction(admin.ModelAdmin):
    """`backfill_of`: what the rows are, as the console's address calls it."""

    backfill_of: ClassVar[str]
    actions = ("backfill_selected",)

    def has_backfill_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(BACKFILL)

    @admin.action(description="Backfill: queue what is not in Snowflake yet…", permissions=["backfill"])
    def backfill_selected(self, request: HttpRequest, _rows: Any) -> HttpResponse:
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return HttpResponseRedirect(reverse("console:backfill-of", query={self.backfill_of: ticked}))
