"""How much is tried: a little in `make test`, all in `make chaos`."""

import os

EXECUTIONS = int(os.environ.get("CHAOS_EXECUTIONS", "60"))
LONG = EXECUTIONS > 1000
