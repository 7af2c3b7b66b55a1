DROP TRIGGER IF EXISTS snowflake_sync_refuse_worker ON :schema.snowflake_sync_workers;
DROP FUNCTION IF EXISTS :schema.snowflake_sync_refuse_worker();
ALTER TABLE :schema.snowflake_sync_workers DROP COLUMN IF EXISTS follows_rules;
ALTER TABLE :schema.snowflake_sync_attempts
    DROP COLUMN IF EXISTS dropped_columns,
    DROP COLUMN IF EXISTS rules_version,
    DROP COLUMN IF EXISTS source_row_count,
    DROP CONSTRAINT IF EXISTS snowflake_sync_attempts_outcome_check,
    ADD CONSTRAINT snowflake_sync_attempts_outcome_check CHECK (outcome IN (
        'completed', 'retry', 'failed', 'skipped', 'released', 'rescued', 'refused', 'paused'
    )) NOT VALID;
DO $$
DECLARE
    ours record;
BEGIN
    FOR ours IN
        SELECT name
        FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_sync_queue' AND action = 'created' AND kind = 'column'
            AND name IN ('rules_version', 'source_row_count', 'is_to_be_removed')
    LOOP
        EXECUTE format('ALTER TABLE :schema.snowflake_sync_queue DROP COLUMN IF EXISTS %I', ours.name);
        DELETE FROM :schema.snowflake_sync_install_log
        WHERE relation = 'snowflake_sync_queue' AND action = 'created' AND kind = 'column' AND name = ours.name;
    END LOOP;
END
$$;
DROP TABLE IF EXISTS :schema.snowflake_sync_known_columns;
DROP TABLE IF EXISTS :schema.snowflake_sync_hash_keys;
DROP TABLE IF EXISTS :schema.snowflake_sync_rule_versions;
DROP TABLE IF EXISTS :schema.snowflake_sync_rules;
