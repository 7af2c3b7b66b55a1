"""What any page may load and run: nothing but what the site itself serves. Django 6.0 has a middleware for it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def content_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the policy on every answer."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Django's own page of an error in development brings styles and scripts with it.
        if not (settings.DEBUG and response.status_code == 500):
            response.headers["Content-Security-Policy"] = POLICY
        return response

    return answer
