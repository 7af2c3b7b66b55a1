"""Workflows of an application whose table had no workflow_id before `migrate` added it: there is nothing in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def workflows_without_ids() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workflows ALTER workflow_id DROP NOT NULL")
        cursor.execute("UPDATE workflows SET workflow_id = NULL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE workflows SET workflow_id = id::text WHERE workflow_id IS NULL")
            cursor.execute("ALTER TABLE workflows ALTER workflow_id SET NOT NULL")
