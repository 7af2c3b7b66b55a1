"""The user, workflow or destination that somebody means by an id, an address or a name.

Pages, admin, API and commands look up in the same way. An address or a name is taken as it is written; only if nothing
is written so, everything that differs in its capitals alone is meant: whoever wants one of these has to say which.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from accounts.models import SnowflakeConfiguration, User
from sync.models import Workflow

# At most so many destinations or workflows of one name are returned.
NAMESAKES = 50
_SHOWN = ("name", "account_identifier", "database", "schema", "user__email")


def as_uuid(text: str) -> UUID | None:
    """The UUID that this text is; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC: PostgreSQL knows no zone that is 16 hours or more away from it.

    Raises ValueError if that is before the year 1 or after 9999.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment} is no moment in UTC") from None


def users_meant(asked: str) -> list[User]:
    """The users with this id or e-mail address; several if only capitals tell their addresses apart."""
    if id_ := as_uuid(asked):
        return list(User.objects.filter(pk=id_))
    return User.objects.with_email(asked)


def several(asked: str, found: Sequence[Model]) -> str:
    """The sentence for somebody who asked for one and finds several."""
    listed = ", ".join(f"{row} ({row.pk})" for row in found)
    kind = found[0]._meta.verbose_name_plural  # noqa: SLF001 - Django's
    return f"Several {kind} are called {asked}: {listed}. Name one by the id."


def workflow_meant(asked: str, owner_id: UUID | None = None) -> Workflow | None:
    """The workflow with this workflow_id, which is unique, or else this id; of this owner, or of anybody."""
    workflows = Workflow.objects.all() if owner_id is None else Workflow.objects.filter(user_id=owner_id)
    found = workflows.filter(workflow_id=asked).first()
    if found is None and (id_ := as_uuid(asked)):
        found = workflows.filter(pk=id_).first()
    return found


def workflows_meant(asked: str, owner_id: UUID | None = None) -> list[Workflow]:
    """The workflow with this id, or else those with this name; owners may give theirs the same name."""
    if found := workflow_meant(asked, owner_id):
        return [found]
    workflows = Workflow.objects.order_by("pk") if owner_id is None else Workflow.objects.filter(user_id=owner_id)
    for wanted in (Q(name=asked), Q(name__iexact=asked)):
        if named := list(workflows.filter(wanted)[:NAMESAKES]):
            return named
    return []


def named_destinations(owner_id: UUID | None) -> "QuerySet[SnowflakeConfiguration]":
    """The destinations of this owner or of everybody, with no more columns than their names need."""
    destinations = SnowflakeConfiguration.objects.select_related(None).select_related("user").only(*_SHOWN)
    return destinations if owner_id is None else destinations.filter(user_id=owner_id)


def destinations_meant(asked: str, owner_id: UUID | None = None) -> list[SnowflakeConfiguration]:
    """The destinations with this id or name, of this owner or of anybody; users may give theirs the same name."""
    destinations, id_ = named_destinations(owner_id).order_by("pk"), as_uuid(asked)
    for wanted in [Q(pk=id_)] if id_ else [Q(name=asked), Q(name__iexact=asked)]:
        if found := list(destinations.filter(wanted)[:NAMESAKES]):
            return found
    return []
