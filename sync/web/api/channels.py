"""/api/snowflake/alert-channels: where the asking user is told of alerts. Secrets go in, and never come out."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from sync.alerts import KINDS, STATES, BadFieldsError, state_of
from sync.destinations import check_slot
from sync.models import SyncAlertChannel
from sync.operations import (
    change_channel,
    delete_channel,
    make_channel,
    pause_channel,
    resume_channel,
    rotate_channel_secret,
    try_channel,
)
from sync.reporting import as_uuid
from sync.web.api.alerts import KINDS_OF_ALERTS
from sync.web.api.base import DestinationViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.problems import not_found
from sync.web.api.scope import current_user
from sync.web.api.shapes import Flag, Moment, Number, Shape, Some, Text, names

KINDS_OF_CHANNELS = list(KINDS)
_OneOf = serializers.ChoiceField
_MINUTES = {"min_value": 15, "max_value": 43_200}
_DIGESTS = SyncAlertChannel.Digest.choices
# What of a channel is shown as it is; and what is wrong with something else is wrong with what its kind needs.
_SHOWN = names(
    "id name kind settings everyone events digest created_at paused_at last_at last_answer last_error failing_since"
    " given_up_at"
)
_RENAMED = {"remind_after": "remind_after_minutes"}
_OUTSIDE = names("name everyone events remind_after_minutes digest kind")


def _entered(help_text: str, **options: Any) -> serializers.DictField:
    return serializers.DictField(child=Text(allow_blank=True, max_length=1000), help_text=help_text, **options)


class ChangedChannel(ClosedSerializer):
    name = Text(required=False, max_length=100)
    settings = _entered("By name; those that are left out stay.", required=False)
    everyone = Flag(
        "Also of everybody's things, and of the installation: for staff who see everybody's runs.", required=False
    )
    events = Some(_OneOf(choices=KINDS_OF_ALERTS), "Kinds of alerts; null: all.", required=False, allow_null=True)
    remind_after_minutes = Number("null: each is told once.", required=False, allow_null=True, **_MINUTES)
    digest = _OneOf(required=False, allow_null=True, choices=_DIGESTS, help_text="null: none.")


class WantedChannel(ChangedChannel):
    name = Text("As you call it.", max_length=100)
    kind = _OneOf(choices=KINDS_OF_CHANNELS, help_text="`/alert-channels/kinds` says what each needs.")
    settings = _entered("What the kind needs, by name.")


class Channel(Shape):
    id = serializers.UUIDField()
    name = Text()
    kind = Text()
    settings = _entered("What was entered and is not secret, by name.")
    everyone = Flag()
    events = Some(Text(), "Kinds of alerts; null: all.", allow_null=True)
    remind_after_minutes = Number(allow_null=True)
    digest = _OneOf(choices=_DIGESTS, allow_null=True)
    state = _OneOf(choices=list(STATES))
    created_at = Moment()
    paused_at = Moment(allow_null=True)
    last_at = Moment("When it was tried for the last time.", allow_null=True)
    last_answer = Text("What the receiver said when it took a message.")
    last_error = Text("Why the last message was not taken; empty: it was.")
    failing_since = Moment(allow_null=True)
    given_up_at = Moment("When a message was given up, after a day; null: none was since.", allow_null=True)


class MadeChannel(Channel):
    secret = Text(
        "Of a webhook: what its signatures are verified with, in this answer, and never again; null: there is none.",
        allow_null=True,
    )


class ChannelList(Shape):
    items = Channel(many=True)


class ChannelSecret(Shape):
    secret = Text("In this answer, and never again.")


class Tried(Shape):
    delivered = Flag()
    said = Text("What the receiver answered, or why nothing was taken.")


class FieldOfKind(Shape):
    name = Text()
    title = Text()
    help = Text()
    secret = Flag("Stored encrypted, and in no answer.")
    optional = Flag()
    choices = Some(Text(), "null: anything that fits.", allow_null=True)


class ChannelKindAnswer(Shape):
    kind = Text()
    title = Text()
    help = Text()
    settings = FieldOfKind(many=True)
    digests = Flag("Whether it may get digests.")
    missing = Text("What this installation lacks for it, and what to do; empty: nothing.")


class ChannelKinds(Shape):
    items = ChannelKindAnswer(many=True)


class ChannelViewSet(DestinationViewSet):
    """Nobody else's, whoever asks."""

    @operation(answer=ChannelList)
    def list_channels(self) -> Any:
        """Your channels."""
        return {
            "items": [_shown(channel) for channel in SyncAlertChannel.objects.filter(user=current_user(self.request))]
        }

    @operation(answer=ChannelKinds)
    def list_channel_kinds(self) -> Any:
        """The kinds of channels, and what each needs."""
        return {"items": [_kind(name) for name in KINDS]}

    @operation(
        takes=WantedChannel,
        answer=MadeChannel,
        status=201,
        problems={409: "A user may have no more."},
        rate="configure",
    )
    def make_channel(self, sent: Sent) -> Any:
        """Another channel.

        Nothing is sent by this: `POST /test` does. A webhook gets the secret that it signs with, by the convention of
        Standard Webhooks.
        """
        kind, values = sent.pop("kind"), sent.pop("settings")
        channel, made = make_channel(current_user(self.request), kind, values, **_chosen(sent))
        channel.refresh_from_db()
        return {**_shown(channel), "secret": made.get("signing")}

    @operation(answer=Channel)
    def read_channel(self, channel_id: str) -> Any:
        """A channel, and what became of its last message."""
        return _shown(self._mine(channel_id))

    @operation(takes=ChangedChannel, answer=Channel, rate="configure")
    def change_channel(self, sent: Sent, channel_id: str) -> Any:
        """Change a channel.

        What is left out stays, secrets, too. It counts as mended.
        """
        values = sent.pop("settings", {})
        return _shown(change_channel(self._mine(channel_id).pk, values, **_chosen(sent)))

    @operation(status=204, rate="configure")
    def delete_channel(self, channel_id: str) -> None:
        """Delete a channel.

        What waits for it is not sent.
        """
        delete_channel(self._mine(channel_id).pk)

    @operation(
        answer=Tried, problems={409: "Another test or check of yours is running."}, rate="alert_test", is_long=False
    )
    def test_channel(self, channel_id: str) -> Any:
        """Send a test, and say what became of it.

        It takes as long as the receiver does, half a minute at most, and is not tried again.
        """
        channel = self._mine(channel_id)
        with check_slot(channel.user_id):
            sent = try_channel(channel.pk)
        return {"delivered": sent.delivered_at is not None, "said": sent.answer or sent.error}

    @operation(answer=Channel, rate="configure")
    def pause_channel(self, channel_id: str) -> Any:
        """Be told of nothing by it for a while.

        What waits for it waits.
        """
        return _shown(pause_channel(self._mine(channel_id).pk))

    @operation(answer=Channel, rate="configure")
    def resume_channel(self, channel_id: str) -> Any:
        """Be told by it again."""
        return _shown(resume_channel(self._mine(channel_id).pk))

    @operation(answer=ChannelSecret, problems={409: "It is no webhook."}, rate="configure")
    def rotate_channel_secret(self, channel_id: str) -> Any:
        """A new secret for a webhook.

        For a day, messages are signed with the one before, too.
        """
        return {"secret": rotate_channel_secret(self._mine(channel_id).pk)}

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, BadFieldsError):
            exc.problems = {_RENAMED.get(name, name): words for name, words in exc.problems.items()}
            of_settings = {name: [words] for name, words in exc.problems.items() if name not in _OUTSIDE}
            said: dict[str, Any] = {name: [words] for name, words in exc.problems.items() if name in _OUTSIDE}
            exc = ValidationError(said | ({"settings": of_settings} if of_settings else {}))
        return super().handle_exception(exc)

    def _mine(self, channel_id: str) -> SyncAlertChannel:
        """Raises Problem, 404."""
        wanted = as_uuid(channel_id)
        found = SyncAlertChannel.objects.filter(user=current_user(self.request), pk=wanted).first() if wanted else None
        if found is None:
            raise not_found("channel")
        return found


def _chosen(sent: Sent) -> dict[str, Any]:
    chosen = dict(sent)
    if "remind_after_minutes" in chosen:
        minutes = chosen.pop("remind_after_minutes")
        chosen["remind_after"] = None if minutes is None else timedelta(minutes=minutes)
    return chosen


def _shown(channel: SyncAlertChannel) -> dict[str, Any]:
    remind = channel.remind_after
    return {
        **{name: getattr(channel, name) for name in _SHOWN},
        "remind_after_minutes": None if remind is None else round(remind.total_seconds() / 60),
        "state": state_of(channel),
    }


def _kind(name: str) -> dict[str, Any]:
    about = KINDS[name]
    settings = [
        {
            "name": field.name,
            "title": field.label,
            "help": field.help,
            "secret": field.secret,
            "optional": not field.required,
            "choices": None if field.choices is None else list(field.choices),
        }
        for field in about.fields
    ]
    said = {"kind": name, "title": about.label, "help": about.help, "digests": about.digests}
    return {**said, "settings": settings, "missing": about.missing()}
