-- name: of_user
-- Destinations that may say something of a user, whether or not anything was loaded there.
SELECT id FROM snowflake_configurations WHERE user_id = %(subject)s::uuid

-- name: meant
-- A workflow that is called so, or was when that was noted. Where no row is called so, somebody may know the row's id, which
-- may be what another workflow is called.
(
    known_as = %(subject)s
    OR workflow_id IN (SELECT called.id FROM workflows AS called WHERE called.workflow_id = %(subject)s)
    OR workflow_id::text = %(subject)s
        AND NOT EXISTS (SELECT FROM workflows AS called WHERE called.workflow_id = %(subject)s)
)

-- name: of_workflow
SELECT configuration_id FROM snowflake_sync_catalogue_workflows WHERE {meant}
UNION
SELECT configuration_id FROM snowflake_sync_views WHERE {meant}

-- name: of_execution
SELECT configuration_id
FROM ONLY snowflake_sync_queue
WHERE execution_id = %(subject)s AND configuration_id IS NOT NULL
UNION
SELECT configuration_id FROM snowflake_sync_removed_items WHERE execution_id = %(subject)s
UNION
SELECT configuration_id FROM snowflake_sync_results WHERE execution_id = %(subject)s

-- name: known
-- What the catalogue calls the workflow.
ARRAY(
    SELECT known_as FROM snowflake_sync_catalogue_workflows
    WHERE configuration_id = catalogue.configuration_id AND {meant}
)

-- name: catalogue
SELECT catalogue.database_name, catalogue.schema_name, catalogue.table_name, {known}
FROM snowflake_sync_catalogues AS catalogue
WHERE catalogue.configuration_id = %(configuration)s AND catalogue.table_name IS NOT NULL

-- name: left_catalogue
-- What it was in before it moved or was switched off.
SELECT catalogue.left_name, {known}
FROM snowflake_sync_catalogues AS catalogue
WHERE catalogue.configuration_id = %(configuration)s AND catalogue.left_name <> ''

-- name: busy
SELECT FROM snowflake_sync_catalogues WHERE configuration_id = %(configuration)s AND busy_until > clock_timestamp()

-- name: forget
-- Names of workflows that stand beside what was erased. A view that is there still keeps its line.
WITH named AS (
    DELETE FROM snowflake_sync_catalogue_workflows
    WHERE configuration_id = ANY (%(destinations)s::uuid[])
        AND (%(all)s OR {meant})
)
DELETE FROM snowflake_sync_views
WHERE configuration_id = ANY (%(destinations)s::uuid[]) AND latest_hash IS NULL AND all_hash IS NULL
    AND (%(all)s OR {meant})
