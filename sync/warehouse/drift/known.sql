-- name: settled
-- Whether an item was loaded, nothing is under way, and it has not changed since before the look: what was seen meanwhile
-- was seen of this load.
(item.status = 'completed' AND item.open_load IS NULL AND item.updated_at < %(began)s) IS TRUE

-- name: with_items
-- Tables of the register, each with the item whose own it is. A destination that was moved to another database has tables
-- in both: the latest counts.
SELECT known.id, known.database_name, known.schema_name, known.table_name, known.execution_id, known.columns,
    {settled} AND (item.schema_name, item.table_name) = (known.schema_name, known.table_name) AND NOT EXISTS (
        SELECT FROM snowflake_sync_tables AS later
        WHERE later.execution_id = known.execution_id AND later.configuration_id = known.configuration_id
            AND later.schema_name = known.schema_name AND later.id > known.id
    ),
    item.row_count
FROM known
LEFT JOIN LATERAL (
    SELECT * FROM ONLY snowflake_sync_queue AS item
    WHERE item.execution_id = known.execution_id AND item.configuration_id = known.configuration_id
    OFFSET 0
) AS item ON true
ORDER BY known.database_name, known.schema_name, known.table_name

-- name: here
-- A destination that was moved to another account has tables there that are not to be looked for here. An account that
-- is typed in another way by now is taken for another one: then nothing is missed, rather than everything.
lower(coalesce(account, %(account)s)) = lower(%(account)s)

-- name: of_names
WITH known AS MATERIALIZED (
    SELECT * FROM snowflake_sync_tables
    WHERE configuration_id = %(configuration)s AND database_name = %(database)s AND schema_name = %(schema)s
        AND table_name = ANY (%(names)s)
)
{with_items}

-- name: of_ids
WITH known AS MATERIALIZED (
    SELECT * FROM snowflake_sync_tables WHERE configuration_id = %(configuration)s AND id = ANY (%(ids)s)
)
{with_items}

-- name: page
-- Those of a schema, behind a name.
WITH known AS MATERIALIZED (
    SELECT * FROM snowflake_sync_tables
    WHERE {here} AND configuration_id = %(configuration)s AND database_name = %(database)s AND schema_name = %(schema)s
        AND table_name > %(after)s
    ORDER BY table_name
    LIMIT %(size)s
)
{with_items}

-- name: in_turn
-- Own tables whose columns are known, in a ring behind the last one.
SELECT id FROM snowflake_sync_tables
WHERE configuration_id = %(configuration)s AND execution_id IS NOT NULL AND columns IS NOT NULL AND id > %(after)s
ORDER BY id
LIMIT %(size)s

-- name: schemas
SELECT DISTINCT database_name, schema_name
FROM snowflake_sync_tables
WHERE {here} AND configuration_id = %(configuration)s

-- name: shared
-- What shared tables have: of settled items, and of executions that are gone, whose rows stay. And whether others may have
-- rows there, of which it is not known how many; and by their batch keys, which were never loaded and may have been half.
SELECT held.table_name, coalesce(sum(held.rows) FILTER (WHERE held.is_settled), 0)::bigint,
    bool_or(NOT held.is_settled OR held.rows IS NULL), array_agg(DISTINCT held.batch_key)
FROM (
    SELECT item.table_name, item.row_count AS rows, {settled} AS is_settled, coalesce(item.batch_key, '') AS batch_key
    FROM ONLY snowflake_sync_queue AS item
    WHERE item.user_id = %(user)s AND item.configuration_id = %(configuration)s AND item.schema_name = %(schema)s
        AND item.table_name = ANY (%(names)s)
    UNION ALL
    SELECT result.table_name, result.row_count,
        result.loaded_at < %(began)s AND result.goes_at IS NULL AND NOT EXISTS (
            SELECT FROM snowflake_sync_withdrawals AS going
            WHERE (going.configuration_id, going.execution_id) = (result.configuration_id, result.execution_id)
        ), ''
    FROM snowflake_sync_results AS result
    WHERE result.configuration_id = %(configuration)s AND result.schema_name = %(schema)s
        AND result.table_name = ANY (%(names)s) AND NOT EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE (item.execution_id, item.configuration_id) = (result.execution_id, result.configuration_id)
        )
) AS held
GROUP BY held.table_name

-- name: loose
-- The batch keys of items that may have rows somewhere without being known to.
SELECT DISTINCT coalesce(item.batch_key, '')
FROM ONLY snowflake_sync_queue AS item
WHERE item.user_id = %(user)s AND item.configuration_id = %(configuration)s AND item.table_name IS NULL
    AND (
        item.status = 'processing'
        OR item.status IN ('pending', 'failed') AND EXISTS (
            SELECT FROM snowflake_sync_attempts AS attempt
            WHERE attempt.item_id = item.id AND attempt.outcome NOT IN ('removed', 'skipped')
        )
    )

-- name: were_deleted
-- Items that are gone, and may have rows somewhere of which nobody knows how many.
SELECT EXISTS (
    SELECT FROM snowflake_sync_removed_items AS removed
    WHERE removed.configuration_id = %(configuration)s AND NOT EXISTS (
        SELECT FROM snowflake_sync_results AS result
        WHERE (result.configuration_id, result.execution_id) = (removed.configuration_id, removed.execution_id)
    )
)

-- name: owners
-- What is known of the executions that marks name: the item's status and error, and whether a table is registered as its
-- own, or the item says that it is loaded.
SELECT named.execution_id, item.status, item.error_code, item.table_name IS NOT NULL,
    EXISTS (
        SELECT FROM snowflake_sync_tables AS own
        WHERE own.execution_id = named.execution_id AND own.configuration_id = %(configuration)s
    )
FROM unnest(%(executions)s::text[]) AS named (execution_id)
LEFT JOIN ONLY snowflake_sync_queue AS item
    ON item.execution_id = named.execution_id AND item.configuration_id = %(configuration)s
