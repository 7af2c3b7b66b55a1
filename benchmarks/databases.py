"""Databases beside the product's, on the same server, for what it is compared with."""

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class of that name

from benchmarks.installation import installation


@contextmanager
def empty_database() -> Iterator[tuple[str, Connection]]:
    """The URL of a fresh database without tables, and a connection to it that commits by itself; dropped afterwards."""
    name = f"peer_{uuid.uuid4().hex[:12]}"
    with installation("") as installed, installed.connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            url = installed.url.replace(f"/{installed.connection.info.dbname}?", f"/{name}?")
            with closing(psycopg2.connect(url)) as connection:
                connection.autocommit = True
                yield url, connection
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def programs(connection: Connection) -> Path:
    """Where the server's own programs are: pgbench, psql."""
    return Path(psutil.Process(connection.info.backend_pid).exe()).parent
