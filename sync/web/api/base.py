"""What all views share: who may ask, how often, and that no reading goes on for ever."""

from contextlib import ExitStack
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.http.request import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from sync.activity import acting
from sync.destinations import FieldError, NotDoneError, TooOftenError, check_rate
from sync.errors import SyncError
from sync.postgres import bounded_reading
from sync.reporting import may
from sync.web.api.problems import Problem
from sync.web.api.scope import current_user


class SyncViewSet(ViewSet):
    """A view of the API. `throttle_scope` names a rate of settings.API_RATES; none: as often as one likes.

    `demands`: the permission that staff need for an action.
    """

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
        self._reading.enter_context(acting("api", request.user, token=getattr(request.auth, "name", "")))
        permission = self.demands.get(self.action or "")
        if permission and not may(current_user(request), permission):
            raise Problem(HTTPStatus.FORBIDDEN, "not_permitted", f"Staff need the permission {permission} for this.")

    def check_throttles(self, request: Request) -> None:
        """Across all processes, for each user; reading is free."""
        if self.throttle_scope and request.method not in SAFE_METHODS:
            try:
                check_rate(self.throttle_scope, current_user(request).pk)
            except TooOftenError as error:
                self.throttled(request, error.wait)


class DestinationViewSet(SyncViewSet):
    """A view of somebody's destinations: why something is not done with one is a problem."""

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case FieldError():
                exc = ValidationError({exc.field: [exc.message]})
            case NotDoneError():
                exc = Problem(HTTPStatus.CONFLICT, exc.code, str(exc), exc.what_to_do)
            case SyncError():
                exc = Problem(HTTPStatus.CONFLICT, exc.code, exc.happened, exc.remedy)
        return super().handle_exception(exc)
