-- What we made in the application's database, and what we put aside there: going back removes exactly the first and
-- brings exactly the second back.
CREATE TABLE IF NOT EXISTS snowflake_sync_install_log (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    logged_at  timestamptz NOT NULL DEFAULT now(),
    action     text NOT NULL CHECK (action IN ('created', 'displaced')),
    kind       text NOT NULL CHECK (kind IN ('table', 'column', 'constraint', 'index', 'trigger', 'function', 'view')),
    relation   text NOT NULL,
    name       text NOT NULL,
    -- The statement that brings a displaced thing back.
    definition text,
    UNIQUE (action, kind, relation, name)
);

-- Creates the table unless there is one of that name.
CREATE OR REPLACE FUNCTION snowflake_sync_ensure_table(relation text, definition text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass(quote_ident(relation)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (%s)', relation, definition);
    INSERT INTO snowflake_sync_install_log (action, kind, relation, name)
    VALUES ('created', 'table', relation, relation);
END
$$;

-- Adds the columns that are missing, in one ALTER. Where none is, the table is not locked at all.
-- columns: '{{name, definition}, …}'
CREATE OR REPLACE FUNCTION snowflake_sync_ensure_columns(relation text, columns text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    entry   text[];
    missing text[] := '{}';
    clauses text[] := '{}';
BEGIN
    FOREACH entry SLICE 1 IN ARRAY columns LOOP
        IF NOT EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = quote_ident(relation)::regclass AND attname = entry[1] AND NOT attisdropped
        ) THEN
            missing := missing || entry[1];
            clauses := clauses || format('ADD COLUMN %I %s', entry[1], entry[2]);
        END IF;
    END LOOP;
    IF cardinality(missing) = 0 THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE %I %s', relation, array_to_string(clauses, ', '));
    INSERT INTO snowflake_sync_install_log (action, kind, relation, name)
    SELECT 'created', 'column', relation, name FROM unnest(missing) AS name;
END
$$;

-- Stops the installation with a sentence that says what to do, rather than fail half-way.
CREATE OR REPLACE FUNCTION snowflake_sync_require_type(relation text, column_name text, allowed text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    SELECT format_type(atttypid, NULL) INTO found
    FROM pg_attribute
    WHERE attrelid = quote_ident(relation)::regclass AND attname = column_name AND NOT attisdropped;
    IF found <> ALL (allowed) THEN
        RAISE EXCEPTION 'Column %.% is of type %, but % is needed', relation, column_name, found,
            array_to_string(allowed, ' or ')
            USING ERRCODE = 'datatype_mismatch',
                  HINT = 'Universal Snowflake Sync changes no column of the application: it cannot be installed here.';
    END IF;
END
$$;

-- Undoes the two "ensure" functions: what was there before is left alone.
CREATE OR REPLACE FUNCTION snowflake_sync_remove_created(table_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    clauses text;
BEGIN
    IF EXISTS (
        SELECT FROM snowflake_sync_install_log AS log
        WHERE log.action = 'created' AND log.kind = 'table' AND log.relation = table_name
    ) THEN
        EXECUTE format('DROP TABLE IF EXISTS %I', table_name);
    ELSE
        SELECT string_agg(format('DROP COLUMN IF EXISTS %I', log.name), ', ') INTO clauses
        FROM snowflake_sync_install_log AS log
        WHERE log.action = 'created' AND log.kind = 'column' AND log.relation = table_name;
        IF clauses IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %I %s', table_name, clauses);
        END IF;
    END IF;
    DELETE FROM snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind IN ('table', 'column') AND log.relation = table_name;
END
$$;

-- Notes down a thing of theirs that gives way, once.
CREATE OR REPLACE FUNCTION snowflake_sync_log_displaced(
    kind text, relation text, name text, definition text
) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO snowflake_sync_install_log (action, kind, relation, name, definition)
    VALUES ('displaced', kind, relation, name, definition)
    ON CONFLICT DO NOTHING
$$;

-- Brings back what gave way.
CREATE OR REPLACE FUNCTION snowflake_sync_restore_displaced(wanted_kind text, wanted_relation text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    displaced record;
BEGIN
    FOR displaced IN
        SELECT log.id, log.definition FROM snowflake_sync_install_log AS log
        WHERE log.action = 'displaced' AND log.kind = wanted_kind AND log.relation = wanted_relation
        ORDER BY log.id
    LOOP
        EXECUTE displaced.definition;
        DELETE FROM snowflake_sync_install_log WHERE id = displaced.id;
    END LOOP;
END
$$;
