from sync.destinations.access import Access
from sync.destinations.breaker import (
    Login,
    ask_login,
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
    change_configuration,
    create_configuration,
    delete_configuration,
)
from sync.destinations.connect import destination_of
from sync.destinations.fields import INTERVAL_COSTS, FieldError, check_other_destinations, clean, clean_secret, place_of
from sync.destinations.keys import (
    ChangedMeanwhileError,
    KeyRefusedError,
    KeyStatement,
    NothingToActivateError,
    activate_rotation,
    begin_rotation,
    register_statement,
)
from sync.destinations.limits import LimitError, TooManyError, TooOftenError, count, turn
from sync.destinations.logins import ChangedError, NotNowError, login_by_hand
from sync.destinations.setup_scripts import scripts_of

__all__ = [
    "INTERVAL_COSTS",
    "PASSWORDS_END",
    "Access",
    "ChangedError",
    "ChangedMeanwhileError",
    "FieldError",
    "KeyRefusedError",
    "KeyStatement",
    "LimitError",
    "Login",
    "NotNowError",
    "NothingToActivateError",
    "Report",
    "Secret",
    "TooManyError",
    "TooOftenError",
    "activate_rotation",
    "ask_login",
    "begin_rotation",
    "change_configuration",
    "check_configuration",
    "check_other_destinations",
    "clean",
    "clean_secret",
    "count",
    "create_configuration",
    "delete_configuration",
    "destination_of",
    "end_trial",
    "login_by_hand",
    "note_login",
    "pause_by_hand",
    "pause_destination",
    "place_of",
    "register_statement",
    "resume_by_hand",
    "resume_destination",
    "scripts_of",
    "turn",
]
