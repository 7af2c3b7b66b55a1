"""The project's settings, with one path more."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api_urls"
