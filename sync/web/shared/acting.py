"""Who acts on the pages: whoever is logged in. (The API says it itself, of a token's user.)"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from sync.activity import acting


def acting_in_browser(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A middleware. The user is not read from the database before something is recorded, or a view asks."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        face = "admin" if request.path.startswith("/admin") else "console"
        with acting(face, request.user):
            return get_response(request)

    return middleware
