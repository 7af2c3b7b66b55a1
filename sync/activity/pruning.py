"""Entries are kept for a year: long enough to ask who did it, and short enough for names of people.

That something was erased is on record for good.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from sync.activity.actions import Action
from sync.models import SyncActivity

KEPT = timedelta(days=365)
_PAGE = 2_000


def prune_activity(*, now: datetime | None = None, dry_run: bool = False) -> int:
    """Deletes entries that are older than a year, a page at a time. Returns how many."""
    before = (now or timezone.now()) - KEPT
    old = SyncActivity.objects.filter(at__lt=before).exclude(action=Action.ERASED).order_by("at", "id")
    if dry_run:
        return old.count()
    deleted = 0
    while page := list(old.values_list("id", flat=True)[:_PAGE]):
        deleted += SyncActivity.objects.filter(pk__in=page).delete()[0]
    return deleted
