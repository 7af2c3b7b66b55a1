"""Users, their API tokens and destinations, on tables that the application may have already."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from knox.models import AbstractAuthToken
from knox.settings import CONSTANTS

from accounts.reading import called
from accounts.secrets import Sealed
from accounts.users import Login, Preferences, User

__all__ = [
    "ENCRYPTED",
    "LONGEST_INTERVAL",
    "SETTINGS",
    "ApiToken",
    "ApiUsage",
    "DestinationState",
    "Login",
    "Preferences",
    "SnowflakeConfiguration",
    "User",
]


class ApiToken(AbstractAuthToken):  # type: ignore[misc]
    """A Bearer token; only its digest is kept. A user may have several.

    `token_key` is the beginning of the token: enough to tell which token it is, too little to guess the rest.
    `made_with`: the token that asked for it; None: its user did, or the operator. It is revoked with that one.
    """

    # Knox's own primary key is the digest, which the admin would show in addresses and write into its log.
    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=CONSTANTS.DIGEST_LENGTH, unique=True, editable=False)
    name = models.TextField(blank=True, default="", db_default="")
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    made_with = models.ForeignKey("self", on_delete=models.CASCADE, null=True, editable=False, related_name="+")

    class Meta:
        db_table = "snowflake_sync_api_tokens"
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name or 'token'} {self.token_key}…"

    @property
    def state(self) -> str:
        """Whether it is taken now: valid, revoked or expired."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expiry is not None and self.expiry <= timezone.now() else "valid"


class ApiUsage(models.Model):
    """How often somebody has asked for something that costs much, and since when. Kept by accounts.usage."""

    key = models.TextField(primary_key=True)
    since = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        db_table = "snowflake_sync_api_usage"

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


LONGEST_INTERVAL = timedelta(days=31)
LONGEST_PROMISE = 31 * 24 * 60  # minutes
CATALOGUE = "SYNC_EXECUTIONS"  # what it is called unless somebody says otherwise


class ConfigurationManager(models.Manager["SnowflakeConfiguration"]):
    def get_queryset(self) -> "models.QuerySet[SnowflakeConfiguration]":
        """Reads the state in the same moment: whatever is found out is noted for that version of the settings."""
        return super().get_queryset().select_related("stored_state")


class SnowflakeConfiguration(Sealed, models.Model):
    """A destination: one Snowflake account, database and schema of a user, and how to log in there.

    The editable fields are its settings: admin and API take their rules and words from here.
    """

    class AuthMethod(models.TextChoices):
        AUTO = "auto", "by the secret that is there"
        KEY_PAIR = "key_pair", "key pair"
        ACCESS_TOKEN = "access_token", "programmatic access token"
        OAUTH = "oauth", "OAuth token"
        PASSWORD = "password", "password (legacy)"

    class Layout(models.TextChoices):
        PER_EXECUTION = "per_execution", "a table an execution"
        PER_WORKFLOW = "per_workflow", "a table a workflow"

    class DeletedResults(models.TextChoices):
        KEEP = "keep", "stay in Snowflake"
        REMOVE = "remove", "are removed from Snowflake"

    class IdentifierCase(models.TextChoices):
        UPPER = "upper", "upper case, needs no quotes"
        PRESERVE = "preserve", "as it is, needs quotes"

    class KeySlot(models.IntegerChoices):
        """The two public keys that a Snowflake user may have."""

        FIRST = 1, "RSA_PUBLIC_KEY"
        SECOND = 2, "RSA_PUBLIC_KEY_2"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="snowflake_configurations")
    name = models.TextField(blank=True, default="", db_default="", max_length=200, help_text="For people.")
    account_identifier = models.TextField(
        max_length=500,
        help_text="organization-account, locator.region.cloud, the host name, or the address of one of its pages. "
        "It can only lead to Snowflake's own domains.",
    )
    warehouse = models.TextField(
        max_length=300, help_text='Runs the loads. Names are as in SQL: sales is SALES, “"Sales"” is Sales.'
    )
    database = models.TextField(max_length=300)
    schema = models.TextField(default="PUBLIC", max_length=300, help_text="Where the tables go.")
    role = models.TextField(blank=True, null=True, max_length=300, help_text="Empty: the user's default role.")
    username = models.TextField(max_length=300, help_text="The user that logs in.")
    auth_method = models.TextField(choices=AuthMethod, default=AuthMethod.AUTO, db_default=AuthMethod.AUTO)
    password_encrypted = models.TextField(blank=True, null=True, editable=False)
    private_key_encrypted = models.TextField(blank=True, null=True, editable=False)
    token_encrypted = models.TextField(blank=True, null=True, editable=False)
    private_key_slot = models.SmallIntegerField(
        choices=KeySlot,
        default=KeySlot.FIRST,
        db_default=KeySlot.FIRST,
        help_text="Where the user has the public half of private_key: 1 is RSA_PUBLIC_KEY, 2 is RSA_PUBLIC_KEY_2.",
    )
    next_private_key_encrypted = models.TextField(blank=True, null=True, editable=False)
    layout = models.TextField(choices=Layout, default=Layout.PER_EXECUTION, db_default=Layout.PER_EXECUTION)
    identifier_case = models.TextField(
        choices=IdentifierCase, default=IdentifierCase.UPPER, db_default=IdentifierCase.UPPER
    )
    # An X-Small uses a credit an hour. With a window each interval it is awake for about two minutes of it: up to one
    # in which results may come, and one until it sleeps. See docs/operations.md.
    min_interval = models.DurationField(
        default=timedelta,
        db_default=timedelta(0),
        validators=[MinValueValidator(timedelta(0)), MaxValueValidator(LONGEST_INTERVAL)],
        help_text="0: at once. Results wait for the next window, so that the warehouse may sleep. It bills a minute at "
        "least when it wakes up: results that come all day cost an X-Small up to 24 credits a day without waiting, "
        "about 10 with windows of 5 minutes, 3 with 15 minutes, 1 with an hour.",
    )
    freshness_minutes = models.IntegerField(
        blank=True,
        null=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_PROMISE)],
        help_text="Within so many minutes after they are due, results are to be in Snowflake: the share that is, is "
        "counted by month, and it is told when they are late. Empty: nothing is promised.",
    )
    secret_ends_on = models.DateField(
        blank=True,
        null=True,
        help_text="When the token or the key ends, if it does: it is told 14 days, 3 days and 1 day before. Snowflake "
        "says it of tokens: SHOW USER PROGRAMMATIC ACCESS TOKENS. A new secret empties it.",
    )
    catalogue_name = models.TextField(
        blank=True,
        default=CATALOGUE,
        db_default=CATALOGUE,
        max_length=300,
        help_text="The table in which each execution has a row: where its result is, whether it is complete, which one "
        "is the latest, what failed. Empty: none is made.",
    )
    makes_views = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Views that show the latest result of each workflow, and all its results together.",
    )
    deleted_results = models.TextField(
        choices=DeletedResults,
        default=DeletedResults.KEEP,
        db_default=DeletedResults.KEEP,
        help_text="What becomes of a result in Snowflake once its execution is deleted in the application.",
    )
    is_transient = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Tables that are made from now on have no Fail-safe: Snowflake bills no seven days more for what was "
        "replaced or dropped, and cannot bring it back.",
    )
    time_travel_days = models.IntegerField(
        blank=True,
        null=True,
        validators=[MinValueValidator(0), MaxValueValidator(90)],
        help_text="For how long what was replaced or dropped can be brought back, in tables that are made from now on: "
        "0 or 1, up to 90 in the Enterprise Edition where tables have a Fail-safe. Empty: as the schema says.",
    )
    is_active = models.BooleanField(default=True, help_text="false: nothing is loaded there.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[ConfigurationManager] = ConfigurationManager()

    class Meta:
        db_table = "snowflake_configurations"
        verbose_name = "destination"
        ordering: ClassVar[list[str]] = ["created_at", "id"]

    def __str__(self) -> str:
        return called(self.name, f"{self.account_identifier} {self.database}.{self.schema}")

    @property
    def state(self) -> "DestinationState":
        """How the destination is doing; the state of a new one if nothing has been noted."""
        return getattr(self, "stored_state", None) or DestinationState(configuration=self)

    @sensitive_variables("secret")
    def set_secret(self, method: AuthMethod, secret: str) -> str:
        """Encrypts a secret into the column of its method, which it returns, and makes that method the one to use."""
        self.seal(_SECRET_COLUMNS[method], secret)
        self.auth_method = method
        return _SECRET_COLUMNS[method]

    def place_of(self, column: str) -> str:
        return f"{column} of {self.pk} of {self.user_id}"

    def method_in_use(self) -> AuthMethod | None:
        """The method to log in with; None if no secret is stored for it. A key pair is preferred to a password."""
        wanted = list(_SECRET_COLUMNS) if self.auth_method == "auto" else [self.auth_method]
        for method in wanted:
            if getattr(self, _SECRET_COLUMNS[self.AuthMethod(method)]):
                return self.AuthMethod(method)
        return None

    def open_secret(self, method: AuthMethod) -> str:
        """The secret of a method, decrypted. Raises SecretUnreadableError."""
        return self.unseal(_SECRET_COLUMNS[method])

    @property
    def other_slot(self) -> KeySlot:
        """The slot of a public key that is not in use, and free for the next key."""
        uses_key = self.method_in_use() == self.AuthMethod.KEY_PAIR
        taken = self.private_key_slot if uses_key else self.KeySlot.SECOND
        return self.KeySlot.SECOND if taken == self.KeySlot.FIRST else self.KeySlot.FIRST


class DestinationState(models.Model):
    """How a destination is doing. A trigger on the configurations makes the row, and resets it when settings change."""

    class Breaker(models.TextChoices):
        CLOSED = "closed", "working"
        OPEN = "open", "paused"

    configuration = models.OneToOneField(
        SnowflakeConfiguration, on_delete=models.CASCADE, primary_key=True, related_name="stored_state"
    )
    settings_version = models.IntegerField(default=0, db_default=0)
    breaker_state = models.TextField(choices=Breaker, default=Breaker.CLOSED, db_default=Breaker.CLOSED)
    breaker_until = models.DateTimeField(null=True)
    breaker_code = models.TextField(null=True)
    breaker_reason = models.TextField(null=True)
    breaker_failures = models.IntegerField(default=0, db_default=0)
    trial_until = models.DateTimeField(null=True)
    last_login_at = models.DateTimeField(null=True)
    window_opened_at = models.DateTimeField(null=True)
    stage_swept_at = models.DateTimeField(null=True)
    last_check_at = models.DateTimeField(null=True)
    last_check = models.JSONField(null=True)
    check_refusals = models.IntegerField(default=0, db_default=0)
    check_refused_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "snowflake_sync_destination_states"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.configuration_id} {self.breaker_state}"


_SECRET_COLUMNS = {
    SnowflakeConfiguration.AuthMethod.KEY_PAIR: "private_key_encrypted",
    SnowflakeConfiguration.AuthMethod.ACCESS_TOKEN: "token_encrypted",
    SnowflakeConfiguration.AuthMethod.OAUTH: "token_encrypted",
    SnowflakeConfiguration.AuthMethod.PASSWORD: "password_encrypted",
}
# Every column of a configuration that holds a secret.
ENCRYPTED = (*dict.fromkeys(_SECRET_COLUMNS.values()), "next_private_key_encrypted")

# The fields of a destination that may be set, other than its owner and its secrets.
SETTINGS = tuple(
    field.name
    for field in SnowflakeConfiguration._meta.concrete_fields  # noqa: SLF001 - Django's
    if field.editable and not field.is_relation
)
