-- name: note
INSERT INTO snowflake_sync_catalogue_changes (configuration_id, execution_id)
SELECT %(configuration)s, execution_id FROM unnest(%(executions)s::text[]) AS change (execution_id)

-- name: waiting
-- The oldest changes of a destination, and of what.
SELECT id, execution_id
FROM snowflake_sync_catalogue_changes
WHERE configuration_id = %(configuration)s
ORDER BY id
LIMIT %(limit)s

-- name: forget
-- Nobody else has taken the catalogue meanwhile: what was written is what stands there.
DELETE FROM snowflake_sync_catalogue_changes AS change
USING snowflake_sync_catalogues AS catalogue
WHERE change.configuration_id = %(configuration)s AND change.id = ANY (%(ids)s)
    AND catalogue.configuration_id = %(configuration)s AND catalogue.token = %(token)s

-- name: to_fill
-- Where filling has come to; no row: the whole was written, or it is somebody else's turn.
SELECT position_at::text, position_id::text
FROM snowflake_sync_catalogues
WHERE configuration_id = %(configuration)s AND token = %(token)s AND filled_at IS NULL

-- name: page
-- The owner's next items, by an index for each status; those of this destination are written. The newest come first, since
-- views of a latest result go by what is written.
WITH page AS MATERIALIZED (
    {of_statuses}
    ORDER BY created_at DESC, id DESC
    LIMIT %(limit)s
)
SELECT created_at::text, id::text, execution_id, configuration_id = %(configuration)s
FROM page
ORDER BY created_at DESC, id DESC

-- name: filled
-- How far it has come by now, if nobody has begun anew meanwhile.
UPDATE snowflake_sync_catalogues
SET position_at = %(to_at)s,
    position_id = %(to_id)s,
    filled_at = CASE WHEN %(ended)s THEN coalesce(%(now)s, now()) END
WHERE configuration_id = %(configuration)s AND token = %(token)s AND filled_at IS NULL
    AND (position_at, position_id) = (%(at)s, %(id)s)

-- name: gone_own
-- Marks executions that were deleted in the application since their tables were registered, and those that are there
-- again: the next page of the register, and so around. A role from which row-level security hides executions knows of none.
WITH page AS MATERIALIZED (
    SELECT own.id, own.execution_id, own.database_name, own.schema_name, own.table_name
    FROM snowflake_sync_catalogues AS catalogue
    JOIN snowflake_sync_tables AS own ON own.configuration_id = catalogue.configuration_id
        AND (own.database_name, own.schema_name, own.table_name)
            > (catalogue.own_after[1], catalogue.own_after[2], catalogue.own_after[3])
    WHERE catalogue.configuration_id = %(configuration)s AND NOT row_security_active('workflow_executions')
    ORDER BY own.database_name, own.schema_name, own.table_name
    LIMIT %(limit)s
),
found AS MATERIALIZED (
    SELECT page.id, page.execution_id, NOT EXISTS (
        SELECT FROM workflow_executions AS execution WHERE execution.execution_id = page.execution_id
    ) AS is_gone
    FROM page
    WHERE page.execution_id IS NOT NULL
),
changed AS (
    UPDATE snowflake_sync_tables AS own
    SET deleted_at = CASE WHEN found.is_gone THEN coalesce(%(now)s, now()) END
    FROM found
    WHERE own.id = found.id AND (own.deleted_at IS NOT NULL) <> found.is_gone
    RETURNING own.execution_id
),
marked AS (
    INSERT INTO snowflake_sync_catalogue_changes (configuration_id, execution_id)
    SELECT DISTINCT %(configuration)s::uuid, execution_id FROM changed
)
UPDATE snowflake_sync_catalogues
SET own_after = coalesce((
    SELECT ARRAY[database_name, schema_name, table_name] FROM page
    WHERE (SELECT count(*) FROM page) = %(limit)s
    ORDER BY database_name DESC, schema_name DESC, table_name DESC LIMIT 1
), '{"", "", ""}')
WHERE configuration_id = %(configuration)s AND token = %(token)s
RETURNING own_after[3] <> ''

-- name: gone_removed
-- The same of what was removed from the queue, where tables of their own do not tell.
WITH page AS MATERIALIZED (
    SELECT removed.execution_id
    FROM snowflake_sync_catalogues AS catalogue
    JOIN snowflake_sync_removed_items AS removed ON removed.configuration_id = catalogue.configuration_id
        AND removed.execution_id > catalogue.removed_after
    WHERE catalogue.configuration_id = %(configuration)s AND NOT row_security_active('workflow_executions')
    ORDER BY removed.execution_id
    LIMIT %(limit)s
),
found AS MATERIALIZED (
    SELECT page.execution_id, NOT EXISTS (
        SELECT FROM workflow_executions AS execution WHERE execution.execution_id = page.execution_id
    ) AS is_gone
    FROM page
),
changed AS (
    UPDATE snowflake_sync_removed_items AS removed
    SET deleted_at = CASE WHEN found.is_gone THEN coalesce(%(now)s, now()) END
    FROM found
    WHERE removed.configuration_id = %(configuration)s AND removed.execution_id = found.execution_id
        AND (removed.deleted_at IS NOT NULL) <> found.is_gone
    RETURNING removed.execution_id
),
marked AS (
    INSERT INTO snowflake_sync_catalogue_changes (configuration_id, execution_id)
    SELECT %(configuration)s::uuid, execution_id FROM changed
)
UPDATE snowflake_sync_catalogues
SET removed_after = coalesce((
    SELECT execution_id FROM page
    WHERE (SELECT count(*) FROM page) = %(limit)s
    ORDER BY execution_id DESC LIMIT 1
), '')
WHERE configuration_id = %(configuration)s AND token = %(token)s
RETURNING removed_after <> ''

-- name: renamed
-- Workflows that are called otherwise than the catalogue has it.
SELECT known.workflow_id::text, known.known_as, {known_as}, {name}
FROM snowflake_sync_catalogue_workflows AS known
JOIN workflows AS workflow ON workflow.id = known.workflow_id
WHERE known.configuration_id = %(configuration)s
    AND (known.known_as, known.name) IS DISTINCT FROM ({known_as}, {name})
LIMIT 100

-- name: note_names
INSERT INTO snowflake_sync_catalogue_workflows (configuration_id, workflow_id, known_as, name)
SELECT %(configuration)s, named.*
FROM unnest(%(ids)s::uuid[], %(known_as)s::text[], %(names)s::text[]) AS named
ON CONFLICT (configuration_id, workflow_id) DO NOTHING

-- name: rename
UPDATE snowflake_sync_catalogue_workflows SET known_as = %(known_as)s, name = %(name)s
WHERE configuration_id = %(configuration)s AND workflow_id = %(workflow)s
