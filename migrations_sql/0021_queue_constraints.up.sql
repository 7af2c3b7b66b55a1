-- What an earlier queue is known to carry and is in the way gives way, on record. Only now: until our function has
-- taken the place of theirs, the application's own commits need the first.
DO $$
DECLARE
    queue   regclass := ':schema.snowflake_sync_queue'::regclass;
    theirs  record;
    accepts boolean;
    narrow  text[] := '{}';
BEGIN
    -- A UNIQUE over execution_id that does not tell destinations apart.
    FOR theirs IN
        SELECT i.indexrelid::regclass AS index, pg_get_indexdef(i.indexrelid) AS index_definition,
            c.conname, pg_get_constraintdef(c.oid) AS definition
        FROM pg_index AS i
        LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype = 'u'
        CROSS JOIN LATERAL (
            SELECT array_agg(a.attname::text) AS names FROM pg_attribute AS a
            WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
        ) AS key
        WHERE i.indrelid = queue AND i.indisunique AND NOT i.indisprimary
            AND i.indexrelid IS DISTINCT FROM to_regclass(':schema.snowflake_sync_queue_unrouted_key')
            AND 'execution_id' = ANY (key.names) AND NOT key.names && '{id, configuration_id}'
        ORDER BY i.indexrelid
    LOOP
        IF theirs.conname IS NULL THEN
            PERFORM :schema.snowflake_sync_log_displaced(
                'index', 'snowflake_sync_queue', theirs.index::text, theirs.index_definition);
            EXECUTE format('DROP INDEX %s', theirs.index);
        ELSE
            PERFORM :schema.snowflake_sync_log_displaced(
                'constraint', 'snowflake_sync_queue', theirs.conname,
                format('ALTER TABLE :schema.snowflake_sync_queue ADD CONSTRAINT %I %s',
                    theirs.conname, theirs.definition));
            EXECUTE format('ALTER TABLE :schema.snowflake_sync_queue DROP CONSTRAINT %I', theirs.conname);
        END IF;
    END LOOP;

    -- A CHECK on status that does not know `skipped`: tried, not guessed from its text.
    FOR theirs IN
        SELECT c.conname, pg_get_constraintdef(c.oid) AS definition, pg_get_expr(c.conbin, c.conrelid) AS expression,
            format_type(a.atttypid, a.atttypmod) AS type
        FROM pg_constraint AS c
        JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.conrelid = queue AND c.contype = 'c' AND a.attname = 'status'
        ORDER BY c.conname
    LOOP
        EXECUTE format('SELECT %s FROM (SELECT ''skipped''::%s) AS item (status)', theirs.expression, theirs.type)
            INTO accepts;
        CONTINUE WHEN accepts IS NOT FALSE;
        PERFORM :schema.snowflake_sync_log_displaced(
            'constraint', 'snowflake_sync_queue', theirs.conname,
            format('ALTER TABLE :schema.snowflake_sync_queue ADD CONSTRAINT %I %s', theirs.conname, theirs.definition));
        EXECUTE format('ALTER TABLE :schema.snowflake_sync_queue DROP CONSTRAINT %I', theirs.conname);
        narrow := narrow || theirs.expression;
    END LOOP;
    -- Theirs, and `skipped` besides. NOT VALID: what stands there has been checked.
    IF cardinality(narrow) > 0 THEN
        EXECUTE format(
            'ALTER TABLE :schema.snowflake_sync_queue ADD CONSTRAINT snowflake_sync_queue_status_known '
            'CHECK (status = ''skipped'' OR %s) NOT VALID', array_to_string(narrow, ' AND '));
        INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name)
        VALUES ('created', 'constraint', 'snowflake_sync_queue', 'snowflake_sync_queue_status_known');
    END IF;
END
$$;
