"""Destinations as JSON: secrets go in, and never come out."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import LONGEST_INTERVAL, SETTINGS, SnowflakeConfiguration
from sync.destinations import FIELD_OF, LONGEST_SECRET, PASSWORDS_END, KeyStatement, Secret
from sync.reporting import Availability, availability_of, ends_pause
from sync.snowflake.setup import TITLES, Status
from sync.web.api.answers import RowAnswer
from sync.web.api.parsing import ClosedSerializer
from sync.web.api.shapes import Flag, Moment, Number, Shape, Some, Text

Model = SnowflakeConfiguration
Method = Model.AuthMethod
METHODS = [(method.value, method.label) for method in Method if method is not Method.AUTO]


class SecretField(serializers.CharField):
    """What goes in and never comes out."""

    def __init__(self, help_text: str) -> None:
        super().__init__(
            write_only=True,
            required=False,
            trim_whitespace=False,
            max_length=LONGEST_SECRET,
            style={"input_type": "password"},
            help_text=help_text,
        )


class SecondsField(serializers.IntegerField):
    """A stretch of time, in whole seconds."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return timedelta(seconds=super().run_validation(data))

    def to_representation(self, value: Any) -> int:
        return int(value.total_seconds())


def _settings(**behind: tuple[str, ...]) -> tuple[str, ...]:
    """All settings in the model's order, and behind some what belongs there."""
    names = {"min_interval": "min_interval_seconds"}
    return tuple(field for name in SETTINGS for field in (names.get(name, name), *behind.get(name, ())))


class WantedConfiguration(ClosedSerializer, serializers.ModelSerializer[Model]):
    """What may be set. Only what is sent is changed."""

    auth_method = serializers.ChoiceField(
        required=False,
        choices=METHODS,
        default=Method.KEY_PAIR.value,
        help_text="key_pair without a private_key: the pair is made here, and the answer has the statement that gives "
        f"its public half to the user. password: {PASSWORDS_END}",
    )
    private_key = SecretField("For key_pair: a private key of your own, PEM: RSA of 2048 bits or more, or ECDSA.")
    private_key_passphrase = SecretField("Opens private_key, where it has one; not kept.")
    token = SecretField("For access_token and oauth.")
    password = SecretField("For password.")
    min_interval_seconds = SecondsField(
        source="min_interval",
        required=False,
        min_value=0,
        max_value=int(LONGEST_INTERVAL.total_seconds()),
        help_text=f"Seconds; {Model._meta.get_field('min_interval').help_text}",  # noqa: SLF001 - Django's
    )

    class Meta:
        model = Model
        fields = _settings(
            auth_method=("private_key", "private_key_passphrase"), private_key_slot=("token", "password")
        )
        extra_kwargs: ClassVar[dict[str, dict[str, Any]]] = {
            "schema": {"default": "PUBLIC"},
            "private_key_slot": {"validators": []},  # besides its choices, those of a small integer
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The model's fields, and as `secret` what was sent of one."""
        passphrase = attrs.pop("private_key_passphrase", "")
        given = {name: attrs.pop(name) for name in dict.fromkeys(FIELD_OF.values()) if name in attrs}
        if len(given) > 1:
            raise serializers.ValidationError(dict.fromkeys(list(given)[1:], "Send one secret, for one method."))
        if passphrase and "private_key" not in given:
            raise serializers.ValidationError({"private_key_passphrase": "There is no private_key that it would open."})
        method = str(attrs.get("auth_method") or getattr(self.instance, "auth_method", ""))
        for name in given:
            if FIELD_OF.get(method) != name:
                fitting = " or ".join(other for other, field in FIELD_OF.items() if field == name)
                raise serializers.ValidationError(
                    {name: f"The method {method} does not use this. Send auth_method, too: {fitting}."}
                )
        secret = next((Secret(method, value, passphrase) for value in given.values()), None)
        return {**attrs, "secret": secret}


class CheckStep(Shape):
    name = serializers.ChoiceField(choices=list(TITLES))
    title = Text()
    status = serializers.ChoiceField(choices=[status.value for status in Status])
    subject = Text("What it was about: a host, a role, a table.")
    seconds = serializers.FloatField()
    code = Text("Of this service, stable; empty unless it failed.")
    snowflake_code = Text("Snowflake's own, 003001 for example; empty where it gave none.")
    message = Text("What happened, in Snowflake's words.")
    meaning = Text()
    remedy = Text("What to do.")
    mend = Some(Text(), "The statements to run in Snowflake.")
    query_id = Text()


class CheckAnswer(Shape):
    ok = Flag()
    checked_at = Moment()
    seconds = serializers.FloatField()
    current = Flag("false: the destination was changed meanwhile; check again.")
    ended = Flag("false: it is being made at this moment, or was broken off; these are its steps so far.", default=True)
    steps = CheckStep(many=True)


class KeyStatementAnswer(serializers.Serializer[KeyStatement]):
    statement = Text("To run in Snowflake.")
    slot = Number("The user's public key that it is about: 1 or 2.")
    fingerprint = Text("What DESCRIBE USER shows for the key: RSA_PUBLIC_KEY_FP or …_2_FP.")


class Breaker(serializers.Serializer[Model]):
    state = serializers.SerializerMethodField(
        help_text="`untried`: it has not logged in since it was changed. `trying`: the pause is over, and the next run "
        "tries. `off`: is_active is false."
    )
    code = Text(source="state.breaker_code", allow_null=True)
    reason = Text(source="state.breaker_reason", allow_null=True)
    what_to_do = serializers.SerializerMethodField()
    until = Moment(
        source="state.breaker_until",
        allow_null=True,
        help_text="The next try; null in a pause: not before something changes.",
    )

    @extend_schema_field(serializers.ChoiceField(choices=[state.value for state in Availability]))
    def get_state(self, configuration: Model) -> str:
        return availability_of(configuration, timezone.now())

    def get_what_to_do(self, configuration: Model) -> str | None:
        """What ends the pause."""
        return ends_pause(configuration) or None


class Configuration(RowAnswer):
    user = Text("Whose it is.", source="user.email")
    warning = serializers.SerializerMethodField(help_text="Why a password should give way to a key pair; else empty.")
    private_key_slot = Number()
    rotation_is_open = serializers.SerializerMethodField(help_text="A new key is waiting to be activated.")
    min_interval_seconds = SecondsField(source="min_interval", read_only=True)
    breaker = Breaker(source="*")
    last_login_at = Moment(source="state.last_login_at", allow_null=True)
    last_check = CheckAnswer(source="state.last_check", allow_null=True)

    class Meta:
        model = Model
        fields = (
            "id",
            "user",
            *_settings(auth_method=("warning",), private_key_slot=("rotation_is_open",)),
            "breaker",
            "last_login_at",
            "last_check",
            "created_at",
            "updated_at",
        )

    def get_warning(self, configuration: Model) -> str:
        return PASSWORDS_END if configuration.method_in_use() == Method.PASSWORD else ""

    def get_rotation_is_open(self, configuration: Model) -> bool:
        return bool(configuration.next_private_key_encrypted)


class CatalogueAnswer(Shape):
    place = Text("The table with a row for each execution; empty: there is none.")
    published_at = Moment("When it was written for the last time.", allow_null=True)
    waiting = Number("Changes that it does not say yet, counted up to 10,000: they are written with the next loads.")
    is_whole = Flag("Every execution has its row.")
    left = Text("Where an earlier one was left, which nobody writes any more; else empty.")
    error_code = Text()
    error = Text("What the last try met; else empty.")
    remedy = Text("What to do about it.")
    next_at = Moment("When it is tried again, at the earliest.", allow_null=True)
    query = Text("What somebody may ask it first.")


class ConfigurationWithKey(Configuration):
    register_key = KeyStatementAnswer(
        allow_null=True, help_text="Gives the user the public key that is in use; null where the method is another one."
    )
    catalogue = CatalogueAnswer()


class ConfigurationList(Shape):
    items = Configuration(many=True)


class SetupAnswer(Shape):
    setup = Text("An account's administrator pastes this into Snowflake; it may be run again.")
    undo = Text("Takes it back; what may hold data is commented out.")


class Rotation(ClosedSerializer):
    activate = Flag(
        required=False,
        default=False,
        help_text="false: makes the next key pair, and says how to give it to the user. true: logs in with it and, if "
        "that works, uses it from now on.",
    )


class RotationAnswer(Shape):
    activated = Flag()
    message = Text("What was done, and what to do next.")
    key = KeyStatementAnswer(allow_null=True)
