"""What all views share: who asks, how errors look, and that no reading goes on for ever."""

from contextlib import ExitStack
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.http.request import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from sync.postgres import bounded_reading
from sync.web.api.scope import demand
from sync.web.api.throttles import UserThrottle


class SyncViewSet(ViewSet):
    """A view of the API. `throttle_scope` names a rate of settings.API_RATES; none: as often as one likes.

    `demands`: the permission that staff need for an action.
    """

    throttle_classes = (UserThrottle,)
    throttle_scope = ""
    demands: ClassVar[dict[str, str]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._reading:
            response = super().dispatch(request, *args, **kwargs)
            if connection.in_atomic_block and response.status_code >= 500:
                transaction.set_rollback(True)
            return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Within what DRF guards: a database that does not answer is a problem like others.
        if request.method in SAFE_METHODS:
            self._reading.enter_context(bounded_reading(settings.API_READ_TIMEOUT))
        super().initial(request, *args, **kwargs)
        if permission := self.demands.get(self.action or ""):
            demand(request, permission)
