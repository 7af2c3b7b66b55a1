"""The project's settings, in the tests' environment: development, and the embedded PostgreSQL."""

from sandbox.testing import prepare

prepare()

from config.settings import *  # noqa: E402, F403 - once the environment is there
