"""Key pairs that are made here, and their rotation through the user's second key in Snowflake.

The private key never leaves the service; it only hands out the statement that gives the user the public half. While a
new key is prepared, the old one stays in use; one UPDATE replaces it after the new one has logged in.
"""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from accounts import secrets
from accounts.models import SnowflakeConfiguration
from sync.activity import Action, changes_between
from sync.destinations import breaker
from sync.destinations.connect import as_destination, opened, public_key_in_use
from sync.destinations.logins import login_by_hand
from sync.destinations.not_done import ChangedMeanwhileError, KeyRefusedError, NoRotationError
from sync.destinations.noted import note
from sync.errors import SyncError
from sync.snowflake.identifiers import resolve
from sync.snowflake.session import KeyPair, Session, fingerprint_of, make_private_key, public_key_of
from sync.snowflake.setup import LIMITS, set_public_key, unset_public_key

Method = SnowflakeConfiguration.AuthMethod
NEXT = "next_private_key_encrypted"


@dataclass(frozen=True, slots=True)
class KeyStatement:
    """A statement to run in Snowflake, the slot of the key that it is about, and that key's fingerprint."""

    statement: str
    slot: int
    fingerprint: str


def register_statement(configuration: SnowflakeConfiguration) -> KeyStatement | None:
    """The statement that gives the user the public key that is in use; None if no key pair is in use.

    Raises secret_unreadable and configuration_invalid.
    """
    public_key = public_key_in_use(configuration)
    return _register(configuration, configuration.private_key_slot, public_key) if public_key else None


def begin_rotation(configuration_id: UUID) -> KeyStatement:
    """Makes the next key pair, for the slot that is not in use. A second call returns the same pair's statement.

    This is also the way from another method to a key pair. Raises secret_unreadable and
    SnowflakeConfiguration.DoesNotExist.
    """
    configuration = SnowflakeConfiguration.objects.get(pk=configuration_id)
    if not configuration.next_private_key_encrypted:
        # The pair is made before anything is locked: that takes a while, and workers write the row, too.
        configuration.seal(NEXT, make_private_key())
        none_yet = Q(next_private_key_encrypted=None) | Q(next_private_key_encrypted="")
        known = SnowflakeConfiguration.objects.filter(none_yet, pk=configuration_id)
        with transaction.atomic():
            if known.update(next_private_key_encrypted=configuration.next_private_key_encrypted):
                note(Action.KEY_PREPARED, configuration)
        configuration.refresh_from_db()
    return _register(configuration, configuration.other_slot, public_key_of(_next_key(configuration)))


@sensitive_variables()
def activate_rotation(configuration_id: UUID) -> KeyStatement | None:
    """Logs in with the next key, and if that works, puts it into use.

    Returns the statement that removes the old key in Snowflake; None if there was none. Raises NotDoneError,
    secret_unreadable and SnowflakeConfiguration.DoesNotExist; then the old credentials stay in use.
    """
    configuration = SnowflakeConfiguration.objects.get(pk=configuration_id)
    if not configuration.next_private_key_encrypted:
        raise NoRotationError
    private_key = _next_key(configuration)
    _try(configuration, private_key)
    had_key = configuration.method_in_use() == Method.KEY_PAIR
    fingerprint = _fingerprint_in_use(configuration)
    _switch(configuration, private_key)
    breaker.note_login(configuration.pk)
    breaker.resume_destination(configuration.pk)
    if not had_key:
        return None
    slot = configuration.private_key_slot
    return KeyStatement(f"{unset_public_key(resolve(configuration.username), slot)};", slot, fingerprint)


def _fingerprint_in_use(configuration: SnowflakeConfiguration) -> str:
    """Empty if no key decrypts it any more: that is a reason to rotate, and must not keep anybody from it."""
    try:
        public_key = public_key_in_use(configuration)
    except SyncError:
        return ""
    return fingerprint_of(public_key) if public_key else ""


@sensitive_variables()
def _try(configuration: SnowflakeConfiguration, private_key: str) -> None:
    destination = as_destination(configuration, KeyPair.read(configuration.username, private_key))
    try:
        login_lock = partial(login_by_hand, configuration, seconds=LIMITS.longest_login, in_use=False)
        Session(destination, LIMITS, login_lock=login_lock).close()
    except SyncError as error:
        if error.code != "login_refused":
            raise  # the error says nothing of the key
        register = _register(configuration, configuration.other_slot, public_key_of(private_key))
        raise KeyRefusedError(error.happened, error.remedy, register.statement) from None


@sensitive_variables()
def _switch(configuration: SnowflakeConfiguration, private_key: str) -> None:
    """One UPDATE, refused if the credentials are no longer those that this rotation began with."""
    found = SnowflakeConfiguration.objects.filter(
        pk=configuration.pk,
        account_identifier=configuration.account_identifier,
        username=configuration.username,
        auth_method=configuration.auth_method,
        private_key_encrypted=configuration.private_key_encrypted,
        next_private_key_encrypted=configuration.next_private_key_encrypted,
    )
    before = {"auth_method": configuration.auth_method, "private_key_slot": configuration.private_key_slot}
    after = {"auth_method": Method.KEY_PAIR, "private_key_slot": configuration.other_slot}
    sealed = secrets.encrypt(private_key, configuration.place_of("private_key_encrypted"))
    with transaction.atomic():
        if not found.update(private_key_encrypted=sealed, next_private_key_encrypted=None, **after):
            raise ChangedMeanwhileError
        note(Action.KEY_ROTATED, configuration, changes=changes_between(before, after))


def _next_key(configuration: SnowflakeConfiguration) -> str:
    return opened(partial(configuration.unseal, NEXT), f"The next private key of {configuration}")


def _register(configuration: SnowflakeConfiguration, slot: int, public_key: str) -> KeyStatement:
    statement = set_public_key(resolve(configuration.username), slot, public_key)
    return KeyStatement(f"{statement};", slot, fingerprint_of(public_key))
