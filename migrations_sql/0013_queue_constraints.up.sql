-- The two constraints of an earlier queue that are in the way give way, on record. Only now: until our function has taken
-- the place of theirs, the application's own commits need the first.
DO $$
DECLARE
    theirs record;
BEGIN
    FOR theirs IN
        SELECT c.conname, pg_get_constraintdef(c.oid) AS definition
        FROM pg_constraint AS c
        WHERE c.conrelid = 'snowflake_sync_queue'::regclass
            AND c.conname <> 'snowflake_sync_queue_status_known'
            AND (
                -- UNIQUE (execution_id) forbids several destinations.
                (c.contype = 'u' AND c.conkey = ARRAY[(
                    SELECT a.attnum FROM pg_attribute AS a
                    WHERE a.attrelid = c.conrelid AND a.attname = 'execution_id'
                )])
                -- A CHECK on status that does not know `skipped`.
                OR (c.contype = 'c' AND pg_get_constraintdef(c.oid) LIKE '%status%'
                    AND pg_get_constraintdef(c.oid) NOT LIKE '%skipped%')
            )
    LOOP
        PERFORM snowflake_sync_log_displaced(
            'constraint', 'snowflake_sync_queue', theirs.conname,
            format('ALTER TABLE snowflake_sync_queue ADD CONSTRAINT %I %s', theirs.conname, theirs.definition)
        );
        EXECUTE format('ALTER TABLE snowflake_sync_queue DROP CONSTRAINT %I', theirs.conname);
    END LOOP;
    -- The same as an index, without a constraint.
    FOR theirs IN
        SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
        FROM pg_index AS i
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = 'snowflake_sync_queue'::regclass
            AND i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL
            AND i.indnkeyatts = 1 AND a.attname = 'execution_id'
    LOOP
        PERFORM snowflake_sync_log_displaced('index', 'snowflake_sync_queue', theirs.name, theirs.definition);
        EXECUTE format('DROP INDEX %s', theirs.name);
    END LOOP;
    -- NOT VALID: what stands there already is left alone.
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'snowflake_sync_queue'::regclass AND conname = 'snowflake_sync_queue_status_known'
    ) THEN
        ALTER TABLE snowflake_sync_queue ADD CONSTRAINT snowflake_sync_queue_status_known
            CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'skipped')) NOT VALID;
    END IF;
END
$$;
