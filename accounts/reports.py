"""Keeps secrets out of error reports: Django's error page in development, and its e-mail to the admins."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class SecretsStayHidden(SafeExceptionReporterFilter):
    """Django's filter, active in development as well.

    If a request is marked as a whole (`sensitive_post_parameters()`), no value shows in any frame: a serializer, a form
    and the connector each hold the secrets in variables of their own.
    """

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        variables = super().get_traceback_frame_variables(request, tb_frame)
        if getattr(request, "sensitive_post_parameters", None) != "__ALL__":
            return variables
        return {name: self.cleansed_substitute for name, _ in variables}.items()
