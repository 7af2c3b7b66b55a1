from sync.snowflake.setup.admin_statements import set_public_key, unset_public_key
from sync.snowflake.setup.check import LIMITS, LONGEST, Told, check_destination
from sync.snowflake.setup.script import Setup, setup_script, undo_script
from sync.snowflake.setup.steps import TITLES, Checked, Status, Step, failed

__all__ = [
    "LIMITS",
    "LONGEST",
    "TITLES",
    "Checked",
    "Setup",
    "Status",
    "Step",
    "Told",
    "check_destination",
    "failed",
    "set_public_key",
    "setup_script",
    "undo_script",
    "unset_public_key",
]
