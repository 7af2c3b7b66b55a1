-- What we made in the application's database, and what we put aside there: going back removes exactly the first and
-- brings exactly the second back.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_install_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    logged_at  timestamptz NOT NULL DEFAULT now(),
    action     text NOT NULL CHECK (action IN ('created', 'displaced')),
    kind       text NOT NULL CHECK (
        kind IN ('table', 'column', 'setting', 'constraint', 'index', 'trigger', 'function', 'view')
    ),
    relation   text NOT NULL,
    name       text NOT NULL,
    -- The statement that brings a displaced thing back.
    definition text,
    UNIQUE (action, kind, relation, name)
);

-- Creates the table unless there is one of that name.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_ensure_table(relation text, definition text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass(':schema.' || quote_ident(relation)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE :schema.%I (%s)', relation, definition);
    INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name)
    VALUES ('created', 'table', relation, relation)
    ON CONFLICT DO NOTHING;
END
$$;

-- Adds the columns that are missing, in one ALTER. Where none is, the table is not locked at all.
-- columns: '{{name, definition}, ...}'
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_ensure_columns(relation text, columns text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry   text[];
    missing text[] := '{}';
    clauses text[] := '{}';
BEGIN
    FOREACH entry SLICE 1 IN ARRAY columns LOOP
        IF NOT EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = (':schema.' || quote_ident(relation))::regclass AND attname = entry[1] AND NOT attisdropped
        ) THEN
            missing := missing || entry[1];
            clauses := clauses || format('ADD COLUMN %I %s', entry[1], entry[2]);
        END IF;
    END LOOP;
    IF cardinality(missing) = 0 THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE :schema.%I %s', relation, array_to_string(clauses, ', '));
    INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name)
    SELECT 'created', 'column', relation, name FROM unnest(missing) AS name
    ON CONFLICT DO NOTHING;
END
$$;

-- Sets the storage parameters that nobody has set.
-- settings: '{{name, value}, ...}'
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_ensure_settings(relation text, settings text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry text[];
BEGIN
    FOREACH entry SLICE 1 IN ARRAY settings LOOP
        IF NOT EXISTS (
            SELECT FROM pg_class AS c, pg_options_to_table(c.reloptions) AS option
            WHERE c.oid = (':schema.' || quote_ident(relation))::regclass AND option.option_name = entry[1]
        ) THEN
            EXECUTE format('ALTER TABLE :schema.%I SET (%I = %s)', relation, entry[1], entry[2]);
            INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name)
            VALUES ('created', 'setting', relation, entry[1])
            ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
END
$$;

-- Creates the view unless there is one of that name.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_ensure_view(relation text, query text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF to_regclass(':schema.' || quote_ident(relation)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE VIEW :schema.%I AS %s', relation, query);
    INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name)
    VALUES ('created', 'view', relation, relation)
    ON CONFLICT DO NOTHING;
END
$$;

-- Undoes the "ensure" functions: what was there before is left alone.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_remove_created(relation_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whole   text;
    clauses text;
BEGIN
    SELECT log.kind INTO whole
    FROM :schema.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind IN ('table', 'view') AND log.relation = relation_name;
    SELECT string_agg(
        format(CASE log.kind WHEN 'column' THEN 'DROP COLUMN IF EXISTS %I' ELSE 'RESET (%I)' END, log.name), ', '
    ) INTO clauses
    FROM :schema.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind IN ('column', 'setting') AND log.relation = relation_name;
    IF whole IS NOT NULL THEN
        EXECUTE format('DROP %s IF EXISTS :schema.%I', whole, relation_name);
    ELSIF clauses IS NOT NULL THEN
        EXECUTE format('ALTER TABLE :schema.%I %s', relation_name, clauses);
    END IF;
    DELETE FROM :schema.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind IN ('table', 'view', 'column', 'setting')
        AND log.relation = relation_name;
END
$$;

-- Notes down a thing of theirs that gives way, once.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_log_displaced(
    kind text, relation text, name text, definition text
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name, definition)
    VALUES ('displaced', kind, relation, name, definition)
    ON CONFLICT DO NOTHING
$$;

-- Brings back what gave way.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_restore_displaced(wanted_kind text, wanted_relation text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    displaced record;
BEGIN
    FOR displaced IN
        SELECT log.id, log.definition FROM :schema.snowflake_sync_install_log AS log
        WHERE log.action = 'displaced' AND log.kind = wanted_kind AND log.relation = wanted_relation
        ORDER BY log.id
    LOOP
        EXECUTE displaced.definition;
        DELETE FROM :schema.snowflake_sync_install_log WHERE id = displaced.id;
    END LOOP;
END
$$;
