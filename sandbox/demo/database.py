"""A database for the demo, made anew each time. Knows nothing of Django: manage.py needs it first."""

import os
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sandbox.postgres import embedded_postgres

PREFIX = "demo_"


def fresh_demo_database(data_dir: Path) -> str:
    """Starts the embedded PostgreSQL and makes an empty database of this process's there; its URL."""
    server = embedded_postgres(data_dir)
    name = f"{PREFIX}{os.getpid()}"
    connection = psycopg2.connect(server.url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            _drop_abandoned(cursor, name)
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    finally:
        connection.close()
    return server.url_of(name)


def _drop_abandoned(cursor: Cursor, own: str) -> None:
    """Demos that have ended leave theirs to the next one; one that still runs keeps its own."""
    cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^demo_[0-9]+$'")
    for (name,) in cursor.fetchall():
        if name == own or not psutil.pid_exists(int(name.removeprefix(PREFIX))):
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
