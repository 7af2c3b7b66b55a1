"""The benchmarks' settings, with one path more, answers that say how many statements they took, and no limits."""

from benchmarks.settings import *  # noqa: F403
from benchmarks.settings import API_RATES
from benchmarks.settings import MIDDLEWARE as _MIDDLEWARE

ROOT_URLCONF = "benchmarks.api_urls"
MIDDLEWARE = ["benchmarks.counting.statements_counted", *_MIDDLEWARE]
API_RATES.clear()
