"""A middleware of the benchmarks: an answer says how many statements it took, and how long these took."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase


class _Count:
    def __init__(self) -> None:
        self.number, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            self.number += 1
            self.seconds += time.perf_counter() - began


def statements_counted(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """X-Statements: their number, and their milliseconds."""

    def counted(request: HttpRequest) -> HttpResponseBase:
        count = _Count()
        with connection.execute_wrapper(count):
            response = get_response(request)
        response["X-Statements"] = f"{count.number} {count.seconds * 1000:.2f}"
        return response

    return counted
