from sync.snowflake.setup.check import LIMITS, LONGEST, Checked, check_destination, try_login
from sync.snowflake.setup.check_steps import TITLES, Fix, Status, Step, failed, in_order
from sync.snowflake.setup.script import Setup, setup_script, undo_script
from sync.snowflake.setup.script_statements import set_public_key, unset_public_key
from sync.snowflake.setup.snowsight import query_address

__all__ = [
    "LIMITS",
    "LONGEST",
    "TITLES",
    "Checked",
    "Fix",
    "Setup",
    "Status",
    "Step",
    "check_destination",
    "failed",
    "in_order",
    "query_address",
    "set_public_key",
    "setup_script",
    "try_login",
    "undo_script",
    "unset_public_key",
]
