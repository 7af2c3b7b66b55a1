"""A database as Supabase makes them: all rights on every new object for roles that everybody can act as."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
import pytest

from tests.installation.server import LOGIN, Database, Row, Server, script

# As Supabase's image has them (supabase/postgres, init scripts); what is `postgres` there is the owner here.
_ROLES = {
    "anon": "NOLOGIN NOINHERIT",
    "authenticated": "NOLOGIN NOINHERIT",
    "service_role": "NOLOGIN NOINHERIT BYPASSRLS",
    "authenticator": f"{LOGIN} NOINHERIT",
    "maker": LOGIN,
}
_DATABASE = """
GRANT {0}_anon, {0}_authenticated, {0}_service_role TO {0}_authenticator;
GRANT USAGE ON SCHEMA public TO {0}_anon, {0}_authenticated, {0}_service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE {1} IN SCHEMA public
    GRANT ALL ON TABLES TO {0}_anon, {0}_authenticated, {0}_service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE {1} IN SCHEMA public
    GRANT ALL ON FUNCTIONS TO {0}_anon, {0}_authenticated, {0}_service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE {1} IN SCHEMA public
    GRANT ALL ON SEQUENCES TO {0}_anon, {0}_authenticated, {0}_service_role;
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email varchar(255));
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
GRANT USAGE ON SCHEMA auth TO {1}, {0}_anon, {0}_authenticated, {0}_service_role;
"""
# The application's own tables, guarded by row-level security as Supabase asks for.
_GUARDED = """
CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL, name text, is_active boolean DEFAULT true);
CREATE TABLE workflows (id uuid PRIMARY KEY, workflow_id text UNIQUE, name varchar(100), user_id uuid REFERENCES users);
CREATE TABLE workflow_executions (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    execution_id varchar(255) NOT NULL UNIQUE, workflow_id uuid REFERENCES workflows, status varchar(50),
    result_columns jsonb, result_rows jsonb, created_at timestamptz DEFAULT now());
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON users USING (id = auth.uid());
ALTER TABLE workflows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON workflows USING (user_id = auth.uid());
ALTER TABLE workflow_executions ENABLE ROW LEVEL SECURITY;
INSERT INTO users VALUES ('00000000-0000-0000-0000-000000000001', 'ann@example.com', 'Ann');
INSERT INTO workflows VALUES
    ('00000000-0000-0000-0000-000000000011', 'report', 'Report', '00000000-0000-0000-0000-000000000001');
"""
OPEN_ROLES = ("anon", "authenticated", "service_role")


@dataclass(frozen=True)
class Supabase:
    """Such a database, and what its roles do."""

    database: Database
    prefix: str

    def role(self, name: str) -> str:
        return f"{self.prefix}_{name}"

    def act(self, role: str, sql: str) -> list[Row]:
        """Runs it as PostgREST does: logged in as authenticator, acting as the role."""
        session = self.database.connect(self.role("authenticator"))
        try:
            with session.cursor() as cursor:
                cursor.execute(f"SET ROLE {self.role(role)}")
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            session.close()

    def refuses(self, role: str, sql: str) -> None:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            self.act(role, sql)

    def plant(self, sql: str) -> None:
        """As a role that may create things in the application's schema, and nothing else."""
        self.database.run(sql, self.role("maker"))


@contextmanager
def supabase(server: Server, application: str = _GUARDED, *, installed: bool = False) -> Iterator[Supabase]:
    """With an application's tables; `installed`: and with our migrations."""
    for name, options in _ROLES.items():
        server.role(name, options)

    def set_up(database: Database) -> None:
        database.run(_DATABASE.format(server.prefix, database.owner))
        database.run(application, database.owner)
        if installed:
            database.migrate(verbosity=0)

    database = server.copy(f"Supabase, {installed} {application}", set_up)
    try:
        yield Supabase(database, server.prefix)
    finally:
        server.drop(database)


EARLIER = script("application", "documented")
