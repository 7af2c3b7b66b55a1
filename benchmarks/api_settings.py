"""The benchmarks' settings, with one path more."""

from benchmarks.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api_urls"
