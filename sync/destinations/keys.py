"""Key pairs that are made here, and their rotation through the user's second key in Snowflake.

The private key never leaves; what comes out is the statement that gives the user its public half. While a new key is
prepared, the one in use stays in use; it gives way in one UPDATE, after the new one has logged in.
"""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from accounts import secrets
from accounts.models import SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError
from sync.destinations import breaker
from sync.destinations.connect import as_destination
from sync.destinations.logins import login_by_hand
from sync.destinations.setup_scripts import public_key_in_use
from sync.errors import SyncError, failure
from sync.snowflake.identifiers import resolve
from sync.snowflake.session import KeyPair, fingerprint_of, make_private_key, public_key_of
from sync.snowflake.setup import LIMITS, set_public_key, try_login, unset_public_key

Method = SnowflakeConfiguration.AuthMethod
NEXT = "next_private_key_encrypted"


@dataclass(frozen=True, slots=True)
class KeyStatement:
    """A statement to run in Snowflake, the place of the key that it is about, and the key's fingerprint there."""

    statement: str
    slot: int
    fingerprint: str


class NothingToActivateError(Exception):
    """No new key is waiting to be used."""


class ChangedMeanwhileError(Exception):
    """Somebody else changed the credentials while the new key was tried; theirs stay."""


class KeyRefusedError(Exception):
    """The new key could not log in: the old one stays in use. `error` says why; `statement` gives the user the key."""

    def __init__(self, error: SyncError, statement: KeyStatement) -> None:
        self.error, self.statement = error, statement
        super().__init__(str(error))


def register_statement(configuration: SnowflakeConfiguration) -> KeyStatement | None:
    """What gives the user the public key that is in use; None where no key pair is.

    Raises secret_unreadable and configuration_invalid.
    """
    public_key = public_key_in_use(configuration)
    return _register(configuration, configuration.private_key_slot, public_key) if public_key else None


def make_key_pair(configuration: SnowflakeConfiguration) -> None:
    """Puts a new key pair into an unsaved or saved configuration, which the caller saves: it is in use at once."""
    configuration.set_secret(Method.KEY_PAIR, make_private_key())
    configuration.next_private_key_encrypted = None


def await_registration(configuration: SnowflakeConfiguration) -> None:
    """Pauses a destination whose new public key nobody can have given to the user yet.

    Its log-ins would be refused; they are tried again a quarter of an hour later, or when a check passes.
    """
    breaker.pause_destination(
        configuration.pk, failure("key_not_registered", f"The key pair of {configuration} was made now")
    )


def begin_rotation(configuration_id: UUID) -> KeyStatement:
    """Makes the next key pair, for the place that is not in use; asked again, says the same of the same pair.

    Also the way from another method to a key pair. Raises secret_unreadable, SnowflakeConfiguration.DoesNotExist.
    """
    configuration = SnowflakeConfiguration.objects.get(pk=configuration_id)
    if not configuration.next_private_key_encrypted:
        # Made before anything is locked: it takes a while, and workers write the row, too.
        configuration.seal(NEXT, make_private_key())
        none_yet = Q(next_private_key_encrypted=None) | Q(next_private_key_encrypted="")
        SnowflakeConfiguration.objects.filter(none_yet, pk=configuration_id).update(
            next_private_key_encrypted=configuration.next_private_key_encrypted
        )
        configuration.refresh_from_db()
    return _register(configuration, configuration.other_slot, public_key_of(_next_key(configuration)))


def activate_rotation(configuration_id: UUID) -> KeyStatement | None:
    """Logs in with the next key; where that works, it is the one in use. What removes the old one in Snowflake, if any.

    Raises NothingToActivateError, KeyRefusedError, ChangedMeanwhileError, NotNowError, secret_unreadable and
    SnowflakeConfiguration.DoesNotExist. Whatever is raised, what was in use stays in use.
    """
    configuration = SnowflakeConfiguration.objects.get(pk=configuration_id)
    if not configuration.next_private_key_encrypted:
        raise NothingToActivateError
    private_key = _next_key(configuration)
    _try(configuration, private_key)
    had_key = configuration.method_in_use() == Method.KEY_PAIR
    old = _fingerprint_of_old(configuration)
    _switch(configuration, private_key)
    breaker.note_login(configuration.pk)
    breaker.resume_destination(configuration.pk)
    if not had_key:
        return None
    slot = configuration.private_key_slot
    return KeyStatement(_ended(unset_public_key(_user(configuration), slot)), slot, old)


def _fingerprint_of_old(configuration: SnowflakeConfiguration) -> str:
    """Empty where no key opens the old one any more: a reason to rotate, and none not to."""
    try:
        public_key = public_key_in_use(configuration)
    except SyncError:
        return ""
    return fingerprint_of(public_key) if public_key else ""


@sensitive_variables()
def _try(configuration: SnowflakeConfiguration, private_key: str) -> None:
    destination = as_destination(configuration, KeyPair.read(configuration.username, private_key))
    try:
        try_login(destination, partial(login_by_hand, configuration, seconds=LIMITS.longest_login, in_use=False))
    except SyncError as error:
        if error.code != "login_refused":
            raise  # nothing is said of the key
        register = _register(configuration, configuration.other_slot, public_key_of(private_key))
        raise KeyRefusedError(error, register) from None


@sensitive_variables()
def _switch(configuration: SnowflakeConfiguration, private_key: str) -> None:
    """One UPDATE, refused where the credentials are not those any more that this began with."""
    found = SnowflakeConfiguration.objects.filter(
        pk=configuration.pk,
        account_identifier=configuration.account_identifier,
        username=configuration.username,
        auth_method=configuration.auth_method,
        private_key_encrypted=configuration.private_key_encrypted,
        next_private_key_encrypted=configuration.next_private_key_encrypted,
    )
    switched = found.update(
        private_key_encrypted=secrets.encrypt(private_key, configuration.place_of("private_key_encrypted")),
        private_key_slot=configuration.other_slot,
        next_private_key_encrypted=None,
        auth_method=Method.KEY_PAIR,
    )
    if not switched:
        raise ChangedMeanwhileError


@sensitive_variables()
def _next_key(configuration: SnowflakeConfiguration) -> str:
    try:
        return configuration.unseal(NEXT)
    except SecretUnreadableError:
        raise failure("secret_unreadable", f"The next private key of {configuration} cannot be opened") from None


def _register(configuration: SnowflakeConfiguration, slot: int, public_key: str) -> KeyStatement:
    statement = set_public_key(_user(configuration), slot, public_key)
    return KeyStatement(_ended(statement), slot, fingerprint_of(public_key))


def _user(configuration: SnowflakeConfiguration) -> str:
    return resolve(configuration.username)


def _ended(statement: str) -> str:
    return f"{statement};"
