"""How often a user may ask for what costs much, across all processes."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.usage import parse_rate, seconds_to_wait
from sync.api.scope import current_user


class UserThrottle(BaseThrottle):
    """For views that name a `throttle_scope`: a rate of settings.API_RATES, "10/min", for each user."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Counts the request; False where it is one too many."""
        scope = getattr(view, "throttle_scope", "")
        rate = settings.API_RATES.get(scope, "")
        if not rate:
            return True
        limit, seconds = parse_rate(rate)
        self._wait = seconds_to_wait(f"{scope}/{current_user(request).pk}", limit, seconds)
        return self._wait is None

    def wait(self) -> float | None:
        """Seconds until the next may come."""
        return self._wait
