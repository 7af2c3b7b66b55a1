"""What all views share: who may ask, how often, and that no reading goes on for ever."""

from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.http.request import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.models import SnowflakeConfiguration
from sync.activity import acting
from sync.destinations import FieldError, NotDoneError, TooOftenError, check_rate, counting_place
from sync.errors import SyncError
from sync.models import WorkflowExecution
from sync.operations import NoSuchRuleError
from sync.postgres import bounded_reading
from sync.reporting import may
from sync.web.api.operation import operation_of
from sync.web.api.problems import Problem, not_found
from sync.web.api.scope import current_user, find_configuration


class SyncViewSet(ViewSet):
    """Operations of the API."""

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
        asked = operation_of(self)
        if asked and asked.demands and not may(current_user(request), asked.demands):
            said = f"Staff need the permission {asked.demands} for this."
            raise Problem(HTTPStatus.FORBIDDEN, "not_permitted", said)
        if asked and asked.is_long:
            try:
                self._reading.enter_context(counting_place(current_user(request).pk))
            except TooOftenError as error:
                self.throttled(request, error.wait)

    def check_throttles(self, request: Request) -> None:
        """Across all processes, for each user."""
        asked = operation_of(self)
        if asked and asked.rate:
            try:
                check_rate(asked.rate, current_user(request).pk)
            except TooOftenError as error:
                self.throttled(request, error.wait)


# Its requests hold secrets, and what rules compare with: no error report shows any of their values.
@method_decorator(sensitive_post_parameters(), name="dispatch")
class DestinationViewSet(SyncViewSet):
    """Operations on somebody's destinations: why something is not done with one is a problem.

    `about`: the one whose id is in the path, if one is.
    """

    about: SnowflakeConfiguration

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if "id" in kwargs:
            self.about = find_configuration(request, kwargs["id"])

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case NoSuchRuleError():
                exc = not_found("rule")
            case WorkflowExecution.DoesNotExist():
                exc = not_found("execution")
            case SnowflakeConfiguration.DoesNotExist():
                exc = not_found("destination")
            case FieldError():
                exc = ValidationError({exc.field: [exc.message]})
            case NotDoneError():
                exc = Problem(HTTPStatus.CONFLICT, exc.code, str(exc), exc.what_to_do)
            case SyncError():
                exc = Problem(HTTPStatus.CONFLICT, exc.code, exc.happened, exc.remedy)
        return super().handle_exception(exc)
