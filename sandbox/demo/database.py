"""A database for the demo, made anew each time. Knows nothing of Django: manage.py needs it first."""

from pathlib import Path

import psycopg2
from psycopg2 import sql

from sandbox.postgres import embedded_postgres

NAME = "demo"


def fresh_demo_database(data_dir: Path) -> str:
    """Starts the embedded PostgreSQL and makes an empty database there; its URL."""
    server = embedded_postgres(data_dir)
    connection = psycopg2.connect(server.url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    finally:
        connection.close()
    return server.url_of(NAME)
