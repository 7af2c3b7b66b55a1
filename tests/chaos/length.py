"""How much is tried: a little in `make test`, all in `make chaos`."""

import os
import random

EXECUTIONS = int(os.environ.get("CHAOS_EXECUTIONS", "60"))
LONG = EXECUTIONS > 1000
SEED = int(os.environ.get("CHAOS_SEED") or (random.SystemRandom().randrange(10**6) if LONG else 1))
WORKERS = int(os.environ.get("CHAOS_WORKERS", "2"))
# Seconds between what is done to the workers: a worker that is killed before it has started proves nothing.
KILL_EVERY = float(os.environ.get("CHAOS_KILL_EVERY", "2"))
SECONDS = float(os.environ.get("CHAOS_SECONDS") or (3600 if LONG else 240))
