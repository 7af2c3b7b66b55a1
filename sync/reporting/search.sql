-- name: beginning
-- Runs whose id begins so, by the queue's index. Between `first` and `last` are all of them, in the database's order of
-- text: which is how people sort, and not bytes.
SELECT DISTINCT item.execution_id
FROM ONLY snowflake_sync_queue AS item
WHERE item.execution_id >= %(first)s AND item.execution_id < %(last)s AND starts_with(item.execution_id, %(first)s)
    AND (%(user_id)s::uuid IS NULL OR item.user_id = %(user_id)s::uuid)
LIMIT %(most)s

-- name: anywhere
-- The same where nothing can be said about that order, or nothing was found: all ids are looked at.
SELECT DISTINCT item.execution_id
FROM ONLY snowflake_sync_queue AS item
WHERE starts_with(item.execution_id, %(first)s)
    AND (%(user_id)s::uuid IS NULL OR item.user_id = %(user_id)s::uuid)
LIMIT %(most)s

-- name: tables
-- Tables of this very name, in the places that the owner's destinations name, by the register's index.
SELECT found.table_name, found.schema_name, found.database_name, found.execution_id, configuration.id, configuration.name
FROM snowflake_configurations AS configuration
CROSS JOIN LATERAL (
    SELECT * FROM snowflake_sync_tables AS found
    WHERE found.configuration_id = configuration.id AND found.table_name = ANY (%(names)s::text[])
        AND found.database_name = ANY (ARRAY[configuration.database, upper(configuration.database)])
        AND found.schema_name = ANY (ARRAY[configuration.schema, upper(configuration.schema)])
    LIMIT %(most)s
) AS found
WHERE %(user_id)s::uuid IS NULL OR configuration.user_id = %(user_id)s::uuid
LIMIT %(most)s
