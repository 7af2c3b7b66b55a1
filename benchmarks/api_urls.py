"""The project's paths, and one that does as little as a request can that asks the database."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def select_1(_request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [path("select-1", select_1), path("", include("config.urls"))]
