"""The users, for staff: who may log in, what each may do, and what each of them sees."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sync.reporting import VIEW_DESTINATIONS, VIEW_USERS, people, scope_of
from sync.web.console.access import console_page, own_scope, render_page, viewer


@require_safe
@console_page
def users_page(request: HttpRequest) -> HttpResponse:
    """For staff who may see users. Rights are changed in the admin."""
    if scope_of(viewer(request), VIEW_USERS) is not None:
        raise PermissionDenied
    named, everybody = request.GET.get("q", "").replace("\0", "").strip(), "everybody" in request.GET
    listed, after = people(named, everybody=everybody, after=request.GET.get("after", "").replace("\0", ""))
    context = {
        "people": listed,
        "after": after,
        "named": named,
        "everybody": everybody,
        "sees_destinations": scope_of(viewer(request), VIEW_DESTINATIONS) is None,
        "sees_runs": own_scope(request) is None,
    }
    return render_page(request, "users", context)
