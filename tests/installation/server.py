"""Databases of a test's own on the server that the tests run on, with an application's owner and its log-in."""

import os
import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
from django.core.management import call_command
from django.db import connections
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class

from sandbox.postgres import POSTGRES_VERSIONS

Row = tuple[Any, ...]
_PASSWORD = "for-tests-only"
LOGIN = f"LOGIN PASSWORD '{_PASSWORD}'"
_PG_DUMP = POSTGRES_VERSIONS[18] / "pg_dump"
_NOISE = re.compile(r"(--|SET |SELECT pg_catalog|\\)|\s*$")


@dataclass(frozen=True)
class Database:
    """A database. `owner` owns it and its tables and may do nothing else; `app` is whom the application logs in as."""

    name: str
    owner: str
    app: str
    server: dict[str, Any]

    def connect(self, role: str = "", **more: Any) -> Connection:
        """A session in autocommit mode, of the server's super-user where no role is named."""
        who = {"user": role, "password": _PASSWORD} if role else {}
        session: Connection = psycopg2.connect(**self.server | {"dbname": self.name} | who | more)
        session.autocommit = True
        return session

    def run(self, sql: str, role: str = "") -> None:
        self.rows(sql, role)

    def rows(self, sql: str, role: str = "") -> list[Row]:
        session = self.connect(role)
        try:
            with session.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            session.close()

    def migrate(self, *target: str, **options: Any) -> str:
        """`manage.py migrate` as the owner, in this process; what it printed."""
        printed = StringIO()
        with self.as_django_database() as alias:
            call_command("migrate", *target, database=alias, interactive=False, stdout=printed, **options)
        return printed.getvalue()

    @contextmanager
    def as_django_database(self) -> Iterator[str]:
        """Known to Django under its name, as the owner."""
        who = {"NAME": self.name, "USER": self.owner, "PASSWORD": _PASSWORD}
        connections.settings[self.name] = connections["default"].settings_dict | who
        try:
            yield self.name
        finally:
            connections[self.name].close()
            del connections[self.name], connections.settings[self.name]

    def dump(self, *arguments: str) -> str:
        """The schema as pg_dump prints it, without Django's own tables, and without what changes from run to run."""
        return self.whole_dump("--schema-only", "--exclude-table=django_*", "--exclude-table=auth_*", *arguments)

    def whole_dump(self, *arguments: str) -> str:
        """What pg_dump prints, without what changes from run to run."""
        command = [str(_PG_DUMP), *arguments]
        printed = subprocess.run(command, env=self.environment(), check=True, capture_output=True, text=True).stdout
        return "\n".join(line for line in printed.splitlines() if not _NOISE.match(line))

    def environment(self, role: str = "") -> dict[str, str]:
        """What a program needs to connect: libpq's variables, and DATABASE_URL."""
        user = role or self.server["user"]
        password = _PASSWORD if role else self.server.get("password", "")
        place: dict[str, str] = {name: str(self.server[name]) for name in ("host", "port") if name in self.server}
        url = f"postgres://{quote(user)}:{quote(password)}@/{self.name}?{urlencode(place)}"
        libpq = {f"PG{name.upper()}": value for name, value in place.items()}
        return (
            os.environ | libpq | {"PGUSER": user, "PGPASSWORD": password, "PGDATABASE": self.name, "DATABASE_URL": url}
        )


@dataclass
class Server:
    """Makes databases, from templates: a schema is set up once and copied for each test."""

    parameters: dict[str, Any]
    prefix: str = field(default_factory=lambda: f"schema_{uuid.uuid4().hex[:8]}")
    _made: list[str] = field(default_factory=list)
    _templates: dict[str, str] = field(default_factory=dict)
    _roles: list[str] = field(default_factory=list)

    def new(self, script: str = "") -> Database:
        """A database on which `script` has been run by its owner; `:app` in it stands for the application's role."""
        return self._create(self._application(script))

    def installed(self, script: str = "", encoding: str = "") -> Database:
        """Such a database with our migrations; where an encoding is given, an empty one in that."""
        key, base = f"installed {encoding} {script}", lambda: self._application(script)
        if encoding:
            base = lambda: self.encoded(encoding).name  # noqa: E731
        return self.copy(key, lambda database: database.migrate(verbosity=0), base)

    def encoded(self, encoding: str) -> Database:
        """An empty database in this encoding."""
        return self._create("template0", f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'")

    def bare(self) -> Database:
        """An empty database, without Django's own tables, too."""
        return self._create("template0")

    def copy(
        self, key: str, set_up: Callable[[Database], object], base: Callable[[], str] = lambda: "template0"
    ) -> Database:
        """A copy of the database that `set_up` has made of `base`, once for each key."""
        return self._create(self._template(key, set_up, base))

    def _application(self, script: str) -> str:
        def set_up(database: Database) -> None:
            database.run(script.replace(":app", database.app), database.owner)

        return self._template(script, set_up, self._djangos_own) if script else self._djangos_own()

    def _djangos_own(self) -> str:
        """Django's own tables need nothing of ours, and take half of the time that migrating takes."""

        def set_up(database: Database) -> None:
            for app in ("auth", "sessions"):
                database.migrate(app, verbosity=0)

        return self._template("Django's own", set_up, lambda: "template0")

    def _template(self, key: str, set_up: Callable[[Database], object], base: Callable[[], str]) -> str:
        if key not in self._templates:
            database = self._create(base())
            set_up(database)
            self._templates[key] = database.name
        return self._templates[key]

    def role(self, name: str, options: str) -> str:
        """A role of this server's, made once: what it is called."""
        role = f"{self.prefix}_{name}"
        if role not in self._roles:
            self.admin(f"CREATE ROLE {role} {options}")
            self._roles.append(role)
        return role

    def drop(self, database: Database) -> None:
        self.admin(f"DROP DATABASE {database.name} WITH (FORCE)")
        self._made.remove(database.name)

    def _create(self, template: str, options: str = "") -> Database:
        name = f"{self.prefix}_{uuid.uuid4().hex[:8]}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {self.prefix}_owner {options}")
        self._made.append(name)
        return Database(name, f"{self.prefix}_owner", f"{self.prefix}_app", self.parameters)

    def open(self) -> None:
        for role in ("owner", "app"):
            self.role(role, LOGIN)

    def close(self) -> None:
        for name in self._made:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")
        self.admin(f"DROP ROLE {', '.join(self._roles)}")

    def admin(self, sql: str) -> None:
        """Runs it as super-user, outside of these databases."""
        Database("postgres", "", "", self.parameters).run(sql)


@contextmanager
def running_server() -> Iterator[Server]:
    wanted = ("host", "port", "user", "password")
    parameters = connections["default"].get_connection_params()
    server = Server({name: parameters[name] for name in wanted if name in parameters})
    server.open()
    try:
        yield server
    finally:
        server.close()


APPLICATIONS = Path(__file__).parent / "applications"


def script(*names: str) -> str:
    """The SQL of an application."""
    return "\n".join((APPLICATIONS / f"{name}.sql").read_text(encoding="utf-8") for name in names)
