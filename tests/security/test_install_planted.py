"""A role with CREATE on the schema plants what fits better than PostgreSQL's own: we do not run it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError

from sync.installation.verify import check_installation
from tests.installation.app import App
from tests.installation.server import Server
from tests.installation.test_installation import DOWN
from tests.security.supabase import EARLIER, Supabase, supabase

# Each says who ran it, in a table that everybody may write to.
_PLANTED = """
CREATE TABLE run (who name, what text);
GRANT INSERT ON run TO PUBLIC;
CREATE FUNCTION ran(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.run VALUES (current_user, what); END $$;
CREATE FUNCTION joined(a varchar, b varchar) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('||(varchar,varchar)'); RETURN pg_catalog.textcat(a, b); END $$;
CREATE OPERATOR || (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = joined);
CREATE FUNCTION appended(a text[], b text) RETURNS text[] IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('||(text[],text)'); RETURN pg_catalog.array_append(a, b); END $$;
CREATE OPERATOR || (LEFTARG = text[], RIGHTARG = text, FUNCTION = appended);
CREATE FUNCTION combined(a text[], b text[]) RETURNS text[] IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('||(text[],text[])'); RETURN pg_catalog.array_cat(a, b); END $$;
CREATE OPERATOR || (LEFTARG = text[], RIGHTARG = text[], FUNCTION = combined);
CREATE FUNCTION same(a varchar, b varchar) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('=(varchar,varchar)'); RETURN pg_catalog.texteq(a, b); END $$;
CREATE OPERATOR = (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = same);
CREATE FUNCTION same(a varchar, b text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('=(varchar,text)'); RETURN pg_catalog.texteq(a, b); END $$;
CREATE OPERATOR = (LEFTARG = varchar, RIGHTARG = text, FUNCTION = same);
CREATE FUNCTION format(a text, b name) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('format(text,name)'); RETURN pg_catalog.format(a, VARIADIC ARRAY[b::text]); END $$;
CREATE FUNCTION format(a text, b text, c text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('format(text,text,text)'); RETURN pg_catalog.format(a, VARIADIC ARRAY[b, c]); END $$;
CREATE FUNCTION quote_ident(a name) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('quote_ident(name)'); RETURN pg_catalog.quote_ident(a::text); END $$;
CREATE FUNCTION cardinality(a text[]) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN PERFORM public.ran('cardinality(text[])'); RETURN pg_catalog.array_length(a, 1); END $$;
"""


@pytest.fixture
def project(server: Server, django_db_blocker: Any) -> Iterator[Supabase]:
    with django_db_blocker.unblock(), supabase(server, EARLIER.replace(":app", f"{server.prefix}_app")) as made:
        made.database.run(f"GRANT CREATE, USAGE ON SCHEMA public TO {made.role('maker')}")
        yield made


def ran_as(project: Supabase, role: str) -> dict[str, int]:
    counted = f"SELECT what, count(*) FROM run WHERE who = '{role}' GROUP BY what"
    return dict(project.database.rows(counted))


def test_neither_migrate_nor_the_trigger_runs_what_was_planted(project: Supabase) -> None:
    database = project.database
    project.plant(_PLANTED)
    database.migrate(verbosity=0)
    assert ran_as(project, database.owner) == {}
    with App(database) as app:
        app.start("e")
        app.complete("e")
        assert not app.warnings
    assert database.rows("SELECT status FROM snowflake_sync_queue WHERE execution_id = 'e'") == [("pending",)]
    assert ran_as(project, database.owner) == {}

    with database.as_django_database() as alias:
        failed = {finding.name: finding.remedy for finding in check_installation(alias) if not finding.ok}
    maker = project.role("maker")
    assert failed["schema public"] == f"REVOKE CREATE ON SCHEMA public FROM {maker};"
    assert failed["operator public.||(text[],text)"] == "DROP OPERATOR public.|| (text[], text);"
    for remedy in failed.values():
        database.run(remedy)
    database.migrate(*DOWN, verbosity=0)
    assert ran_as(project, database.owner) == {}


def test_what_bears_a_name_of_ours_is_not_touched(project: Supabase) -> None:
    plants = (
        "CREATE TABLE snowflake_sync_api_tokens (digest text)",
        "CREATE TABLE django_migrations (id serial, app text, name text, applied timestamptz)",
        "CREATE FUNCTION snowflake_sync_ensure_columns(text, text) RETURNS void LANGUAGE sql AS ''",
    )
    for plant in plants:
        project.plant(plant)
        name = plant.split()[2].split("(")[0]
        with pytest.raises(CommandError, match=rf"{name}.* belongs to role {project.role('maker')}\. Drop it"):
            project.database.migrate(verbosity=0)
        project.database.run(f"DROP {plant.split()[1]} {name}")
    project.database.migrate(verbosity=0)
