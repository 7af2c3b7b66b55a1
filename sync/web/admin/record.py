"""The log of who did what: an entry an action, with its numbers."""

from collections.abc import Sequence

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import HttpRequest


def record(request: HttpRequest, what: type[Model], title: str, said: str, ids: Sequence[object] = ()) -> None:
    """Puts an action into Django's log; with the row that it was about, where it was one alone."""
    LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(what),
        object_id=str(ids[0]) if len(ids) == 1 else None,
        object_repr=title[:200],
        action_flag=CHANGE,
        change_message=said,
    )
