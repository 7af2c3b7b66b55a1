-- What was made and loaded before it was written down: whose a table is, and what is in Snowflake. In pages, so that no
-- row is held for longer than one takes.

-- The workflow of a shared table, as far as all that its items say is one. All of the queue has to be read for it before
-- the first row is changed.
UPDATE :schema.snowflake_sync_tables AS made
SET workflow_id = shared.workflow_id
FROM (
    SELECT item.configuration_id, item.schema_name, item.table_name, min(workflow.workflow_id::text) AS workflow_id
    FROM ONLY :schema.snowflake_sync_queue AS item
    JOIN :schema.workflow_executions AS execution ON execution.execution_id = item.execution_id
    JOIN :schema.workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE item.batch_key IS NOT NULL AND item.requested_table IS NULL
    GROUP BY item.configuration_id, item.schema_name, item.table_name
    HAVING count(DISTINCT workflow.id) = 1
) AS shared
WHERE made.execution_id IS NULL AND made.account IS NULL
    AND (shared.configuration_id, shared.schema_name, shared.table_name)
        = (made.configuration_id, made.schema_name, made.table_name);

-- Whose the tables are.
WITH page AS MATERIALIZED (
    SELECT id, execution_id, configuration_id
    FROM :schema.snowflake_sync_tables
    WHERE id > coalesce(%(after)s::bigint, 0) AND account IS NULL
    ORDER BY id
    LIMIT 2000
),
filled AS (
    UPDATE :schema.snowflake_sync_tables AS made
    SET user_id = configuration.user_id,
        account = configuration.account_identifier,
        workflow_id = coalesce(own.workflow_id, made.workflow_id)
    FROM page
    JOIN :schema.snowflake_configurations AS configuration ON configuration.id = page.configuration_id
    LEFT JOIN (
        SELECT execution.execution_id, workflow.workflow_id::text
        FROM :schema.workflow_executions AS execution
        JOIN :schema.workflows AS workflow ON workflow.id = execution.workflow_id
    ) AS own ON own.execution_id = page.execution_id
    WHERE made.id = page.id AND made.account IS NULL
)
SELECT max(id) FROM page;

-- What the items say is loaded. An item is locked until its result is there for whoever removes it meanwhile.
WITH page AS MATERIALIZED (
    SELECT id
    FROM ONLY :schema.snowflake_sync_queue
    WHERE id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000')
        AND configuration_id IS NOT NULL AND table_name IS NOT NULL
    ORDER BY id
    LIMIT 2000
),
held AS MATERIALIZED (
    SELECT item.*
    FROM ONLY :schema.snowflake_sync_queue AS item
    JOIN page USING (id)
    WHERE item.configuration_id IS NOT NULL AND item.table_name IS NOT NULL
    FOR SHARE OF item
),
filled AS (
    INSERT INTO :schema.snowflake_sync_results (
        configuration_id, execution_id, workflow_id, user_id, schema_name, table_name, row_count, loaded_at,
        computed_at
    )
    SELECT
        held.configuration_id, held.execution_id,
        coalesce(execution.workflow_id, '00000000-0000-0000-0000-000000000000'),
        held.user_id, held.schema_name, held.table_name, held.row_count, coalesce(held.processed_at, held.updated_at),
        least(
            greatest(
                coalesce(execution.completed_at::timestamptz, execution.created_at::timestamptz, held.created_at),
                '2000-01-01T00:00:00Z'
            ),
            coalesce(held.processed_at, held.updated_at)
        )
    FROM held
    LEFT JOIN :schema.workflow_executions AS execution ON execution.execution_id = held.execution_id
    ON CONFLICT DO NOTHING
)
SELECT id FROM page ORDER BY id DESC LIMIT 1;

-- And own tables whose items are gone.
WITH page AS MATERIALIZED (
    SELECT *
    FROM :schema.snowflake_sync_tables
    WHERE id > coalesce(%(after)s::bigint, 0) AND execution_id IS NOT NULL AND seen_at IS NOT NULL
    ORDER BY id
    LIMIT 2000
),
filled AS (
    INSERT INTO :schema.snowflake_sync_results (
        configuration_id, execution_id, workflow_id, user_id, schema_name, table_name, loaded_at, computed_at
    )
    SELECT
        own.configuration_id, own.execution_id,
        coalesce(execution.workflow_id, '00000000-0000-0000-0000-000000000000'),
        configuration.user_id, own.schema_name, own.table_name, own.seen_at,
        least(
            greatest(
                coalesce(execution.completed_at::timestamptz, execution.created_at::timestamptz, own.seen_at),
                '2000-01-01T00:00:00Z'
            ),
            own.seen_at
        )
    FROM page AS own
    JOIN :schema.snowflake_configurations AS configuration ON configuration.id = own.configuration_id
    LEFT JOIN :schema.workflow_executions AS execution ON execution.execution_id = own.execution_id
    WHERE NOT EXISTS (
        SELECT FROM ONLY :schema.snowflake_sync_queue AS item
        WHERE item.execution_id = own.execution_id AND item.configuration_id = own.configuration_id
    )
    ON CONFLICT DO NOTHING
)
SELECT max(id) FROM page;
