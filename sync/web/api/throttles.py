"""How often a user may ask for what costs much, across all processes."""

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from sync.destinations import TooOftenError, count
from sync.web.api.scope import current_user


class UserThrottle(BaseThrottle):
    """For views that name a `throttle_scope`: a rate of settings.API_RATES for what is not reading, for each user."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Counts the request; False where it is one too many."""
        if request.method not in SAFE_METHODS:
            try:
                count(getattr(view, "throttle_scope", ""), current_user(request).pk)
            except TooOftenError as error:
                self._wait = error.wait
        return self._wait is None

    def wait(self) -> float | None:
        """Seconds until the next may come."""
        return self._wait
