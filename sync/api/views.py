"""The REST API: parses, asks sync.services, answers."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.models import User
from sync.services.statistics import sync_statistics


class SnowflakeSyncViewSet(ViewSet):
    """The queue, as far as the token's user may see it: their own items, or all for staff."""

    def stats(self, request: Request) -> Response:
        assert isinstance(request.user, User)  # noqa: S101 - IsAuthenticated has seen to it
        return Response(sync_statistics(None if request.user.is_staff else request.user.pk, watch=True))
