from sync.destinations.access import Access, by_hand
from sync.destinations.breaker import (
    end_trial,
    note_login,
    pause_by_hand,
    pause_destination,
    resume_by_hand,
    resume_destination,
)
from sync.destinations.check import Report, check_configuration
from sync.destinations.configurations import (
    PASSWORDS_END,
    Secret,
    apply_settings,
    change_configuration,
    check_there_is_a_secret,
    create_configuration,
    delete_configuration,
)
from sync.destinations.connect import scripts_of
from sync.destinations.fields import FIELD_OF, LONGEST_SECRET, FieldError, check_other_destinations, place_of
from sync.destinations.hash_keys import (
    HASH_KEY,
    ensure_key,
    key_of,
    keys_in_use,
    newest_key,
    rotate_key,
    unreadable_keys,
)
from sync.destinations.keys import KeyStatement, activate_rotation, begin_rotation, register_statement
from sync.destinations.limits import CHECK_ENDED, check_rate, check_slot, counting_place, export_place
from sync.destinations.logins import ChangedError
from sync.destinations.not_done import KeyRefusedError, NotDoneError, NotNowError, TooOftenError

__all__ = [
    "CHECK_ENDED",
    "FIELD_OF",
    "HASH_KEY",
    "LONGEST_SECRET",
    "PASSWORDS_END",
    "Access",
    "ChangedError",
    "FieldError",
    "KeyRefusedError",
    "KeyStatement",
    "NotDoneError",
    "NotNowError",
    "Report",
    "Secret",
    "TooOftenError",
    "activate_rotation",
    "apply_settings",
    "begin_rotation",
    "by_hand",
    "change_configuration",
    "check_configuration",
    "check_other_destinations",
    "check_rate",
    "check_slot",
    "check_there_is_a_secret",
    "counting_place",
    "create_configuration",
    "delete_configuration",
    "end_trial",
    "ensure_key",
    "export_place",
    "key_of",
    "keys_in_use",
    "newest_key",
    "note_login",
    "pause_by_hand",
    "pause_destination",
    "place_of",
    "register_statement",
    "resume_by_hand",
    "resume_destination",
    "rotate_key",
    "scripts_of",
    "unreadable_keys",
]
