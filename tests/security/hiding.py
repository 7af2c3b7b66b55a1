"""Whatever comes out of a load, and where: for looking for what should not be there."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import pytest
import zstandard
from django.db import connection

from sync.models import SyncAttempt, SyncKnownColumn, SyncQueueItem, SyncTable, WorkflowExecution
from sync.results import StagedFile
from tests.world import World


def needle(what: str) -> str:
    return hashlib.md5(what.encode()).hexdigest()


@dataclass
class Seen:
    """Whatever came out of a load, by the place where it was."""

    texts: dict[str, set[bytes]] = field(default_factory=dict)

    def add(self, place: str, text: str | bytes) -> None:
        self.texts.setdefault(place, set()).add(text.encode() if isinstance(text, str) else text)

    def places(self, what: str) -> set[str]:
        """Where it was seen, as text, as bytes in hexadecimal or of UTF-16."""
        sought = needle(what)
        forms = [sought.encode(), sought.encode().hex().encode(), sought.encode("utf-16-le")]
        return {place for place, texts in self.texts.items() for text in texts if any(form in text for form in forms)}


def unpacked(file: Path) -> bytes:
    """What is in a staged file, as far as it was written."""
    with file.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as text:
        return text.read()


@contextmanager
def what_is_staged(found: Seen, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    leave = StagedFile.__exit__

    def look_and_leave(self: StagedFile, *error: object) -> None:
        for path in self.paths:
            found.add("a staged file", unpacked(path))
        leave(self, *error)

    monkeypatch.setattr(StagedFile, "__exit__", look_and_leave)
    yield


@contextmanager
def what_postgresql_logs(found: Seen) -> Iterator[None]:
    """With all statements; where it is the embedded one, whose log lies beside its data."""

    def tell(what: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])} {what}")

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('data_directory')")
        file = Path(cursor.fetchone()[0]) / "log"
    tell("SET log_statement = 'all'")
    begin = file.stat().st_size if file.exists() else 0
    try:
        yield
    finally:
        tell("RESET log_statement")
    if file.exists():
        found.add("PostgreSQL's log", file.read_bytes()[begin:])


@contextmanager
def what_postgresql_shows(found: Seen) -> Iterator[None]:
    """Of its sessions, as often as it can be asked; and their temporary tables."""
    with connection.cursor() as cursor:
        url = cursor.connection.dsn
    began, ended = threading.Event(), threading.Event()

    def watch() -> None:
        with closing(psycopg2.connect(url)) as other, other.cursor() as cursor:
            other.autocommit = True
            while not ended.wait(0.002):
                cursor.execute("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
                found.texts.setdefault("pg_stat_activity", set()).update(row[0].encode() for row in cursor)
                cursor.execute("SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'")
                found.texts.setdefault("temporary tables", set()).update(row[0].encode() for row in cursor)
                began.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert began.wait(60)
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def left(found: Seen, world: World, spool: Path) -> None:
    """What is there afterwards: files, statements, and all that was written of the items."""
    for file in spool.rglob("*"):
        if file.is_file():
            found.add("the spool", unpacked(file) if file.suffix == ".zst" else file.read_bytes())
    for statement in world.snowflake.server.statements():
        found.add("a statement", statement.sql)
    for model in (SyncQueueItem, SyncAttempt, SyncTable, SyncKnownColumn):
        found.add("what is stored", str(list(model.objects.values())))
    for execution in WorkflowExecution.objects.defer("result_rows"):
        found.add("what is stored", f"{execution.snowflake_error_message}")
