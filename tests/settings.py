"""The project's settings, in the tests' environment: development, and the embedded PostgreSQL."""

from sandbox.testing import prepare

prepare()

from config.settings import *  # noqa: E402, F403 - once the environment is there

# Nobody guesses the tests' passwords.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
