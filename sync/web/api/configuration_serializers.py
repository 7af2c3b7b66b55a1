"""Snowflake configurations as JSON: secrets go in, and never come out."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import SnowflakeConfiguration
from sync.destinations import INTERVAL_COSTS, PASSWORDS_END, KeyStatement, Secret
from sync.errors import CATALOGUE
from sync.reporting import DestinationState, state_of
from sync.snowflake.setup import TITLES, Status
from sync.web.api.parsing import not_known

Model = SnowflakeConfiguration
Method = Model.AuthMethod
METHODS = [(method.value, method.label) for method in Method if method is not Method.AUTO]
_LONGEST_INTERVAL = 31 * 24 * 3600


def _secret(help_text: str) -> serializers.CharField:
    return serializers.CharField(
        write_only=True,
        required=False,
        trim_whitespace=False,
        max_length=20_000,
        style={"input_type": "password"},
        help_text=help_text,
    )


class WantedConfiguration(serializers.Serializer[Any]):
    """What may be set. Only what is sent is changed."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=200, help_text="For people.")
    account_identifier = serializers.CharField(
        max_length=500,
        help_text="organization-account, locator.region.cloud, the host name, or the address of one of its pages. "
        "It can only lead to Snowflake's own domains.",
    )
    warehouse = serializers.CharField(
        max_length=300, help_text='Runs the loads. Names are as in SQL: sales is SALES, “"Sales"” is Sales.'
    )
    database = serializers.CharField(max_length=300)
    schema = serializers.CharField(required=False, default="PUBLIC", max_length=300, help_text="Where the tables go.")
    role = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=300, help_text="Empty: the user's default role."
    )
    username = serializers.CharField(max_length=300, help_text="The user that logs in.")
    auth_method = serializers.ChoiceField(
        required=False,
        choices=METHODS,
        default=Method.KEY_PAIR.value,
        help_text="key_pair without a private_key: the pair is made here, and the answer has the statement that gives "
        f"its public half to the user. password: {PASSWORDS_END}",
    )
    private_key = _secret("For key_pair: a private key of your own, PEM: RSA of 2048 bits or more, or ECDSA.")
    private_key_passphrase = _secret("Opens private_key, where it has one; not kept.")
    private_key_slot = serializers.ChoiceField(
        required=False,
        choices=Model.KeySlot.choices,
        help_text="Where the user has the public half of private_key: 1 is RSA_PUBLIC_KEY, 2 is RSA_PUBLIC_KEY_2.",
    )
    token = _secret("For access_token and oauth.")
    password = _secret("For password.")
    layout = serializers.ChoiceField(required=False, choices=Model.Layout.choices)
    identifier_case = serializers.ChoiceField(required=False, choices=Model.IdentifierCase.choices)
    min_interval_seconds = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=_LONGEST_INTERVAL,
        help_text=f"Seconds; 0: at once. {INTERVAL_COSTS}",
    )
    is_active = serializers.BooleanField(required=False, help_text="false: nothing is loaded there.")

    SECRETS: ClassVar[dict[str, tuple[str, ...]]] = {
        "private_key": (Method.KEY_PAIR,),
        "token": (Method.ACCESS_TOKEN, Method.OAUTH),
        "password": (Method.PASSWORD,),
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known = self.fields
        if unknown := not_known(self.initial_data, known):
            raise serializers.ValidationError(dict.fromkeys(unknown, "There is no field of that name."))
        given = [name for name in self.SECRETS if attrs.get(name)]
        if len(given) > 1:
            raise serializers.ValidationError(dict.fromkeys(given[1:], "Send one secret, for one method."))
        if attrs.get("private_key_passphrase") and "private_key" not in given:
            raise serializers.ValidationError({"private_key_passphrase": "There is no private_key that it would open."})
        method = attrs.get("auth_method") or getattr(self.instance, "auth_method", None)
        for name in given:
            if method not in self.SECRETS[name]:
                fitting = " or ".join(self.SECRETS[name])
                raise serializers.ValidationError(
                    {name: f"The method {method} does not use this. Send auth_method, too: {fitting}."}
                )
        return attrs

    def fields_and_secret(self) -> tuple[dict[str, Any], Secret | None]:
        """What was sent, in the model's words, and the secret apart from it."""
        sent = dict(self.validated_data)
        passphrase = sent.pop("private_key_passphrase", "")
        secrets = {name: sent.pop(name) for name in self.SECRETS if name in sent}
        if "min_interval_seconds" in sent:
            sent["min_interval"] = timedelta(seconds=sent.pop("min_interval_seconds"))
        value = next((value for value in secrets.values() if value), None)
        if value is None:
            return sent, None
        method = sent.get("auth_method") or getattr(self.instance, "auth_method", "")
        return sent, Secret(str(method), str(value), passphrase)


class CheckStep(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=list(TITLES))
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=[status.value for status in Status])
    subject = serializers.CharField(help_text="What it was about: a host, a role, a table.")
    seconds = serializers.FloatField()
    code = serializers.CharField(help_text="Of this service, stable; empty unless it failed.")
    snowflake_code = serializers.CharField(help_text="Snowflake's own, 003001 for example; empty where it gave none.")
    message = serializers.CharField(help_text="What happened, in Snowflake's words.")
    meaning = serializers.CharField()
    remedy = serializers.CharField(help_text="What to do.")
    mend = serializers.ListField(child=serializers.CharField(), help_text="The statements to run in Snowflake.")
    query_id = serializers.CharField()


class CheckAnswer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    checked_at = serializers.DateTimeField()
    seconds = serializers.FloatField()
    current = serializers.BooleanField(help_text="false: the configuration was changed meanwhile; check again.")
    steps = CheckStep(many=True)


class KeyStatementAnswer(serializers.Serializer[KeyStatement]):
    statement = serializers.CharField(help_text="To run in Snowflake.")
    slot = serializers.IntegerField(help_text="The user's public key that it is about: 1 or 2.")
    fingerprint = serializers.CharField(help_text="What DESCRIBE USER shows for the key: RSA_PUBLIC_KEY_FP or …_2_FP.")


class Breaker(serializers.Serializer[Model]):
    state = serializers.SerializerMethodField(
        help_text="`trying`: the pause is over, and the next item tries. `off`: is_active is false."
    )
    code = serializers.CharField(source="breaker_code", allow_null=True)
    reason = serializers.CharField(source="breaker_reason", allow_null=True)
    what_to_do = serializers.SerializerMethodField()
    until = serializers.DateTimeField(
        source="breaker_until",
        allow_null=True,
        help_text="The next try; null in a pause: not before something changes.",
    )

    @extend_schema_field(serializers.ChoiceField(choices=[state.value for state in DestinationState]))
    def get_state(self, configuration: Model) -> str:
        return state_of(configuration, timezone.now())

    def get_what_to_do(self, configuration: Model) -> str | None:
        """What ends the pause."""
        entry = CATALOGUE.get(configuration.breaker_code or "")
        return entry.remedy if entry else None


class Configuration(serializers.Serializer[Model]):
    id = serializers.UUIDField()
    user = serializers.CharField(source="user.email", help_text="Whose it is.")
    name = serializers.CharField()
    account_identifier = serializers.CharField()
    warehouse = serializers.CharField()
    database = serializers.CharField()
    schema = serializers.CharField()
    role = serializers.CharField(allow_null=True)
    username = serializers.CharField()
    auth_method = serializers.ChoiceField(choices=Method.choices)
    warning = serializers.SerializerMethodField(help_text="Why a password should give way to a key pair; else empty.")
    private_key_slot = serializers.IntegerField()
    rotation_is_open = serializers.SerializerMethodField(help_text="A new key is waiting to be activated.")
    layout = serializers.ChoiceField(choices=Model.Layout.choices)
    identifier_case = serializers.ChoiceField(choices=Model.IdentifierCase.choices)
    min_interval_seconds = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    breaker = Breaker(source="*")
    last_login_at = serializers.DateTimeField(allow_null=True)
    last_check = CheckAnswer(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_warning(self, configuration: Model) -> str:
        return PASSWORDS_END if configuration.method_in_use() == Method.PASSWORD else ""

    def get_rotation_is_open(self, configuration: Model) -> bool:
        return bool(configuration.next_private_key_encrypted)

    def get_min_interval_seconds(self, configuration: Model) -> int:
        return int(configuration.min_interval.total_seconds())


class ConfigurationWithKey(Configuration):
    register_key = KeyStatementAnswer(
        allow_null=True, help_text="Gives the user the public key that is in use; null where the method is another one."
    )


class ConfigurationList(serializers.Serializer[Any]):
    items = Configuration(many=True)


class SetupAnswer(serializers.Serializer[Any]):
    setup = serializers.CharField(
        help_text="An account's administrator pastes this into Snowflake; it may be run again."
    )
    undo = serializers.CharField(help_text="Takes it back; what may hold data is commented out.")


class Rotation(serializers.Serializer[Any]):
    activate = serializers.BooleanField(
        required=False,
        default=False,
        help_text="false: makes the next key pair, and says how to give it to the user. true: logs in with it and, if "
        "that works, uses it from now on.",
    )


class RotationAnswer(serializers.Serializer[Any]):
    activated = serializers.BooleanField()
    message = serializers.CharField(help_text="What was done, and what to do next.")
    key = KeyStatementAnswer(allow_null=True)
