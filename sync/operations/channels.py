"""Channels of alerts: made, changed, tried, paused, deleted by their user; and alerts that are muted."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.secrets import SecretUnreadableError
from sync.activity import CHANGED, Action, Change, Kind, changes_between, record
from sync.alerts import KINDS, WORDS, BadFieldsError, ChannelKind, entered, rotated, send_test
from sync.destinations import NotDoneError
from sync.models import SyncAlertChannel, SyncAlertDelivery
from sync.postgres import database_now, storable
from sync.reporting import scope_of

# Channels that a user may have.
MOST = 20
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=30)
# What is chosen for a channel, besides what its kind wants to know.
CHOSEN = ("name", "everyone", "events", "remind_after", "digest")


class TooManyChannelsError(NotDoneError):
    """A user has as many channels as a user may have."""

    code = "too_many_channels"
    what_to_do = "Delete one that is not needed."


class NoSecretError(NotDoneError):
    """Of what is made here: a channel of another kind has secrets that are entered."""

    code = "no_secret_of_ours"
    what_to_do = "Enter the new one where the other was entered."


@sensitive_variables()
def make_channel(
    user: User, kind: str, values: Mapping[str, str], **chosen: Any
) -> tuple[SyncAlertChannel, dict[str, str]]:
    """A channel of the user's, and the secrets that were made for it, which nobody can read again.

    `values`: what its kind wants to know, by field. `chosen`: by CHOSEN. Raises BadFieldsError, TooManyChannelsError.
    """
    about = KINDS.get(kind)
    if about is None:
        raise BadFieldsError({"kind": f"There is no such kind. There are: {', '.join(KINDS)}."})
    problems = _problems(user, about, chosen)
    settings, secrets = _entered(about, values, problems)
    made = about.made()
    with transaction.atomic():
        # Two at once may both find room: it is for no exact number.
        if (number := SyncAlertChannel.objects.filter(user=user).count()) >= MOST:
            raise TooManyChannelsError(f"You have {number} channels, and a user may have {MOST}.")
        channel = SyncAlertChannel(user=user, kind=kind, settings=settings, **_storable(chosen))
        channel.seal_secrets(secrets | made)
        channel.save(force_insert=True)
        _record(Action.CHANNEL_MADE, channel, changes_between({}, _told(channel)))
    return channel, made


@sensitive_variables()
def change_channel(channel_id: UUID, values: Mapping[str, str], **chosen: Any) -> SyncAlertChannel:
    """Changes what is given; a secret that is left out, or empty, stays. It counts as mended.

    Raises BadFieldsError, SyncAlertChannel.DoesNotExist.
    """
    with transaction.atomic():
        channel = _locked(channel_id)
        before, about = _told(channel), KINDS.get(channel.kind)
        if about is None:
            raise BadFieldsError({"kind": "This version has no such kind of channel."})
        problems = _problems(channel.user, about, {name: getattr(channel, name) for name in CHOSEN} | chosen)
        changes: list[Change] = []
        if values:
            changes = _set_way(channel, about, values, problems)
        elif problems:
            raise BadFieldsError(problems)
        for name, value in _storable(chosen).items():
            setattr(channel, name, value)
        channel.save(
            update_fields=[*CHOSEN, "settings", "secrets_encrypted", "failing_since", "given_up_at", "last_error"]
        )
        if changes := [*changes_between(before, _told(channel)), *changes]:
            _record(Action.CHANNEL_CHANGED, channel, changes)
    return channel


@sensitive_variables()
def rotate_channel_secret(channel_id: UUID) -> str:
    """A new secret to sign with, which nobody can read again; the one before signs, too, for a day.

    Raises NoSecretError, SyncAlertChannel.DoesNotExist.
    """
    with transaction.atomic():
        channel = _locked(channel_id)
        if channel.kind != "webhook":
            raise NoSecretError("The secrets of this channel were entered.")
        try:
            stored = rotated(channel.secrets, database_now())
        except SecretUnreadableError:
            # What nobody can open signs nothing any more.
            stored = KINDS["webhook"].made()
        channel.seal_secrets(stored)
        channel.save(update_fields=["secrets_encrypted"])
        _record(Action.CHANNEL_CHANGED, channel, [{"field": "secret", "from": None, "to": CHANGED}])
    return stored["signing"]


def try_channel(channel_id: UUID) -> SyncAlertDelivery:
    """Sends a test now, and says what became of it. No transaction is open meanwhile.

    Raises SyncAlertChannel.DoesNotExist.
    """
    channel = SyncAlertChannel.objects.select_related("user").get(pk=channel_id)
    sent = send_test(channel)
    _record(Action.CHANNEL_TESTED, channel, note="was taken" if sent.delivered_at else "was not taken")
    return sent


def pause_channel(channel_id: UUID) -> SyncAlertChannel:
    """It is told of nothing new; what waits for it waits. Raises SyncAlertChannel.DoesNotExist."""
    with transaction.atomic():
        channel = _locked(channel_id)
        if channel.paused_at is None:
            channel.paused_at = database_now()
            channel.save(update_fields=["paused_at"])
            _record(Action.CHANNEL_PAUSED, channel)
    return channel


def resume_channel(channel_id: UUID) -> SyncAlertChannel:
    """It is told of what is open now, and what waits for it is sent. Raises SyncAlertChannel.DoesNotExist."""
    with transaction.atomic():
        channel = _locked(channel_id)
        if channel.paused_at is not None:
            channel.paused_at = channel.given_up_at = channel.failing_since = None
            channel.save(update_fields=["paused_at", "given_up_at", "failing_since"])
            _record(Action.CHANNEL_RESUMED, channel)
    return channel


def delete_channel(channel_id: UUID) -> None:
    """With what waits for it. Raises SyncAlertChannel.DoesNotExist."""
    with transaction.atomic():
        channel = _locked(channel_id)
        _record(Action.CHANNEL_DELETED, channel)
        channel.delete()


def _locked(channel_id: UUID) -> SyncAlertChannel:
    return SyncAlertChannel.objects.select_for_update(of=("self",)).select_related("user").get(pk=channel_id)


def _problems(user: User, about: ChannelKind, chosen: Mapping[str, Any]) -> dict[str, str]:
    problems = {}
    name = chosen.get("name") or ""
    if not name.strip() or len(name) > 100 or not name.isprintable():
        problems["name"] = "A name has 1 to 100 characters that can be seen."
    if chosen.get("everyone") and scope_of(user) is not None:
        problems["everyone"] = "Only staff who see everybody's runs are told of everybody's."
    if unknown := set(chosen.get("events") or ()) - set(WORDS):
        problems["events"] = f"There is no {min(unknown)}. There are: {', '.join(WORDS)}."
    if chosen.get("digest") and not about.digests:
        problems["digest"] = f"{about.label} pages people: it gets no digest."
    remind = chosen.get("remind_after")
    if remind is not None and not SHORTEST <= remind <= LONGEST:
        problems["remind_after"] = "A reminder comes after 15 minutes at the earliest, and after 30 days at the latest."
    return problems


def _entered(
    about: ChannelKind, values: Mapping[str, str], problems: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """All that is wrong is said at once. Raises BadFieldsError."""
    try:
        found = entered(about, values)
    except BadFieldsError as error:
        raise BadFieldsError({**problems, **error.problems}) from None
    if problems:
        raise BadFieldsError(problems)
    return found


def _set_way(
    channel: SyncAlertChannel, about: ChannelKind, values: Mapping[str, str], problems: Mapping[str, str]
) -> list[Change]:
    """Where it sends to, from now on; whether its secrets are others, as a change."""
    secret = {field.name for field in about.fields if field.secret}
    try:
        stored = channel.secrets
    except SecretUnreadableError:
        stored = about.made()
    given = {name: value for name, value in values.items() if value.strip() or name not in secret}
    kept = {name: value for name, value in stored.items() if name in secret}
    earlier = channel.settings.get("url")
    channel.settings, secrets = _entered(about, {**channel.settings, **kept, **given}, problems)
    channel.seal_secrets({**stored, **secrets})
    channel.failing_since, channel.given_up_at, channel.last_error = None, None, ""
    changed = {"secret": secrets != kept, "path": channel.settings.get("url") != earlier}
    return [{"field": field, "from": None, "to": CHANGED} for field, is_new in changed.items() if is_new]


def _storable(chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {name: storable(value.strip()) if name == "name" else value for name, value in chosen.items()}


def _told(channel: SyncAlertChannel) -> dict[str, Any]:
    """What is written down of it: nothing secret. Behind an address's host there often is what lets one in."""
    shown = dict(channel.settings)
    if "url" in shown:
        parts = urlsplit(shown["url"])
        shown["url"] = f"{parts.scheme}://{parts.netloc}/…"
    return {**{name: getattr(channel, name) for name in CHOSEN}, **shown}


def _record(action: Action, channel: SyncAlertChannel, changes: list[Change] | None = None, note: str = "") -> None:
    record(action, Kind.CHANNEL, channel.pk, channel.name, owner_id=channel.user_id, changes=changes or (), note=note)
