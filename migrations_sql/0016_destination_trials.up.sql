-- Takes back columns that ensure_columns added, and no others.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_remove_columns(relation_name text, names text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    clauses text;
BEGIN
    SELECT string_agg(format('DROP COLUMN IF EXISTS %I', log.name), ', ') INTO clauses
    FROM :schema.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind = 'column' AND log.relation = relation_name AND log.name = ANY (names);
    IF clauses IS NOT NULL THEN
        EXECUTE format('ALTER TABLE :schema.%I %s', relation_name, clauses);
    END IF;
    DELETE FROM :schema.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind = 'column' AND log.relation = relation_name AND log.name = ANY (names);
END
$$;

-- trial_until: somebody is trying whether the destination lets them in, at most until then.
-- window_opened_at: with a min_interval, what was due then is being loaded.
-- stage_swept_at: when staged files that were left behind were last looked for.
SELECT :schema.snowflake_sync_ensure_columns('snowflake_configurations', $${
    {trial_until, "timestamptz"},
    {window_opened_at, "timestamptz"},
    {stage_swept_at, "timestamptz"}
}$$::text[]);
