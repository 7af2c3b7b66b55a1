-- name: note
-- All or none: a load of several results is one transaction. The items are locked in order, as everywhere.
WITH held AS MATERIALIZED (
    SELECT item.id
    FROM ONLY snowflake_sync_queue AS item
    JOIN unnest(%(items)s::uuid[], %(tokens)s::bigint[]) AS claim (item_id, token)
        ON claim.item_id = item.id AND claim.token = item.claim_token
    WHERE item.id = ANY (%(items)s::uuid[]) AND item.status = 'processing'
    ORDER BY item.id
    FOR NO KEY UPDATE OF item
)
UPDATE ONLY snowflake_sync_queue AS item
SET open_load = %(facts)s::jsonb
WHERE item.id = ANY (ARRAY(SELECT id FROM held))
    AND (SELECT count(*) FROM held) = cardinality(%(items)s::uuid[])
RETURNING item.id

-- name: forget
UPDATE ONLY snowflake_sync_queue
SET open_load = NULL
WHERE id = ANY (%(items)s::uuid[]) AND open_load = %(facts)s::jsonb
RETURNING id

-- name: have_ended_with
SELECT EXISTS (
    SELECT FROM unnest(%(items)s::uuid[], %(generations)s::bigint[]) AS tried (item_id, generation)
    JOIN snowflake_sync_attempts AS attempt
        ON attempt.item_id = tried.item_id AND attempt.generation = tried.generation
    WHERE attempt.error_code = ANY (%(codes)s::text[])
)
