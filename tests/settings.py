"""The project's settings, in the tests' environment: development, and the embedded PostgreSQL.

What the tests start reads the project's own settings, from the variables that are set here. Where DATABASE_URL names a
server, that one is used; TEST_POSTGRES_VERSION may be 16.
"""

import os
import sys
from pathlib import Path

from sandbox.postgres import FAST_AND_UNSAFE, embedded_postgres

_ROOT = Path(__file__).resolve().parents[1]
_ABSENT = str(_ROOT / "tests" / "absent")

os.environ["DEBUG"] = "true"
os.environ.pop("SNOWFLAKE_ENDPOINT", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
if not os.environ.get("DATABASE_URL"):
    _version = int(os.environ.get("TEST_POSTGRES_VERSION", "18"))
    _settings = FAST_AND_UNSAFE | {"max_prepared_transactions": "5"}
    os.environ["DATABASE_URL"] = embedded_postgres(_ROOT / ".sandbox" / "test-postgres", _version, _settings).url

# A run starts hundreds of processes: none of them shall compile everything anew, or import what production has not.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ["PYTHONPATH"] = _ABSENT
# The tests themselves read samples through pandas.
sys.path[:] = [place for place in sys.path if place != _ABSENT]

from config.settings import *  # noqa: E402, F403 - once the environment is there

# Nobody guesses the tests' passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# However busy the machine is: tests of what takes too long say how long that is.
API_READ_TIMEOUT = 60.0
