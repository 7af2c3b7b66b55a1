"""Pages for machines: whether the process lives, whether the service is ready, and the metrics."""

from hmac import compare_digest

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from accounts.models import User
from sync.postgres import bounded_reading
from sync.reporting import SyncCollector, is_ready, scope_of


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process lives; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """Each check with what was seen; 503 if one of them fails."""
    checks = is_ready()
    ready = all(check.ok for check in checks)
    said = {check.name: {"ok": check.ok, "detail": check.detail} for check in checks}
    return JsonResponse({"ready": ready, "checks": said}, status=200 if ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in Prometheus' text format, or in OpenMetrics if that is asked for."""
    try:
        if not _may(request):
            challenge = {"WWW-Authenticate": "Bearer"}
            return HttpResponse(
                "A token (METRICS_TOKEN) only, or staff who may view queue items.\n",
                "text/plain",
                401,
                headers=challenge,
            )
        registry = CollectorRegistry(auto_describe=False)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        with bounded_reading(settings.API_READ_TIMEOUT):
            registry.register(SyncCollector())
            return HttpResponse(encode(registry), content_type=content_type)
    except (DatabaseError, InterfaceError):
        return HttpResponse("PostgreSQL does not answer.\n", "text/plain", 503)


def _may(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        wanted = settings.METRICS_TOKEN.encode()
        return bool(wanted) and compare_digest(token.strip().encode(), wanted)
    return isinstance(request.user, User) and scope_of(request.user) is None
