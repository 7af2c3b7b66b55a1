-- name: take_in
-- What these executions, of which something has changed, are to the views; answers their workflows, each with the shared
-- table that the last of them went to, if one did. What was released is whole again once a load or removal has ended.
WITH page AS MATERIALIZED (
    SELECT
        item.execution_id, item.status, item.schema_name, item.table_name, item.updated_at,
        item.requested_table IS NOT NULL AS by_many,
        workflow.id AS workflow_id, {known_as} AS known_as,
        workflow.name::text AS name,
        -- A moment that was still to come when it was loaded makes it the latest until others are loaded, and not for ever.
        least(coalesce(execution.completed_at, execution.created_at)::timestamptz, item.processed_at) AS computed_at
    FROM unnest(%(executions)s::text[]) AS asked (execution_id)
    JOIN ONLY snowflake_sync_queue AS item
        ON item.execution_id = asked.execution_id AND item.configuration_id = %(configuration)s
    JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id
),
made AS MATERIALIZED (
    SELECT made.id, made.execution_id IS NULL AS is_shared, made.columns IS NOT NULL AS is_loaded, page.*,
        page.status <> 'processing' AND page.updated_at > made.released_at AS is_whole
    FROM page
    JOIN snowflake_sync_tables AS made
        ON made.configuration_id = %(configuration)s AND made.database_name = %(database)s
        AND made.schema_name = page.schema_name AND made.table_name = page.table_name
        AND coalesce(made.execution_id, page.execution_id) = page.execution_id
),
own AS (
    UPDATE snowflake_sync_tables AS own
    SET computed_at = made.computed_at,
        workflow_id = made.known_as,
        -- The catalogue may have a row of it that is new.
        in_all_view = CASE WHEN own.in_all_view IS NOT NULL THEN '' END,
        released_at = CASE WHEN made.is_whole THEN NULL ELSE own.released_at END,
        left_columns = CASE WHEN made.is_whole THEN NULL ELSE own.left_columns END
    FROM made
    WHERE own.id = made.id AND NOT made.is_shared AND (
        (own.computed_at, own.workflow_id) IS DISTINCT FROM (made.computed_at, made.known_as)
        OR own.in_all_view IS NOT NULL OR made.is_whole
    )
),
shared AS (
    UPDATE snowflake_sync_tables AS shared
    SET released_at = NULL, left_columns = NULL
    FROM (SELECT DISTINCT id FROM made WHERE is_shared AND is_whole) AS made
    WHERE shared.id = made.id
),
-- Other workflows' views of the same table were released with it.
others AS (
    UPDATE snowflake_sync_views AS views
    SET due_at = clock_timestamp()
    FROM (SELECT DISTINCT schema_name, table_name FROM made WHERE is_shared AND is_whole) AS made
    WHERE views.configuration_id = %(configuration)s
        AND (views.shared_schema, views.shared_table) = (made.schema_name, made.table_name)
)
SELECT DISTINCT ON (page.workflow_id)
    page.workflow_id, page.known_as, page.name, made.schema_name, made.table_name, made.computed_at, made.by_many
FROM page
LEFT JOIN made ON made.execution_id = page.execution_id AND made.is_shared AND made.is_loaded AND page.status <> 'skipped'
ORDER BY page.workflow_id, made.computed_at DESC NULLS LAST

-- name: workflows
SELECT id, {known_as}, name::text, NULL, NULL, NULL, NULL
FROM workflows AS workflow
WHERE id = ANY (%(workflows)s::uuid[])

-- name: older
-- Tables that were loaded before there were views, or that nothing has changed of since.
UPDATE snowflake_sync_tables AS made
SET computed_at = least(coalesce(execution.completed_at, execution.created_at)::timestamptz, clock_timestamp())
FROM (
    SELECT id, execution_id
    FROM snowflake_sync_tables
    WHERE configuration_id = %(configuration)s AND workflow_id = %(known_as)s AND execution_id IS NOT NULL
        AND computed_at IS NULL AND columns IS NOT NULL
    ORDER BY id DESC
    LIMIT %(limit)s
) AS unknown
JOIN workflow_executions AS execution ON execution.execution_id = unknown.execution_id
WHERE made.id = unknown.id

-- name: taken
SELECT count(*) FROM snowflake_sync_views
WHERE configuration_id = %(configuration)s AND upper(latest_name) = upper(%(latest)s)

-- name: add
INSERT INTO snowflake_sync_views (
    configuration_id, workflow_id, known_as, account, database_name, schema_name, latest_name, all_name
)
VALUES (%(configuration)s, %(workflow)s, %(known_as)s, %(account)s, %(database)s, %(schema)s, %(latest)s, %(all)s)
ON CONFLICT DO NOTHING

-- name: note
-- Something of the workflow's results has changed; answers whether its views have names. Where its id has, the tables of
-- its earlier results go by the new one with it, but for those that another workflow's executions have.
WITH before AS MATERIALIZED (
    SELECT known_as FROM snowflake_sync_views
    WHERE configuration_id = %(configuration)s AND workflow_id = %(workflow)s AND known_as <> %(known_as)s::text
),
moved AS (
    UPDATE snowflake_sync_tables AS own
    SET workflow_id = %(known_as)s::text
    FROM before
    WHERE own.configuration_id = %(configuration)s AND own.workflow_id = before.known_as
        AND own.execution_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM workflow_executions AS execution
            WHERE execution.execution_id = own.execution_id AND execution.workflow_id <> %(workflow)s::uuid
        )
)
UPDATE snowflake_sync_views AS views
SET due_at = clock_timestamp(),
    known_as = coalesce(%(known_as)s, views.known_as),
    shared_schema = CASE WHEN later.is_so THEN %(shared_schema)s ELSE views.shared_schema END,
    shared_table = CASE WHEN later.is_so THEN %(shared_table)s ELSE views.shared_table END,
    shared_at = CASE WHEN later.is_so THEN %(shared_at)s ELSE views.shared_at END,
    shared_by_many = CASE WHEN later.is_so THEN %(by_many)s ELSE views.shared_by_many END
FROM (
    SELECT ours.workflow_id, ours.configuration_id,
        coalesce(%(shared_at)s::timestamptz >= coalesce(ours.shared_at, '-infinity'), false) AS is_so
    FROM snowflake_sync_views AS ours
    WHERE ours.configuration_id = %(configuration)s AND ours.workflow_id = %(workflow)s
) AS later
WHERE views.configuration_id = later.configuration_id AND views.workflow_id = later.workflow_id
RETURNING true

-- name: due
-- Not for a while where one could not be made.
SELECT views.workflow_id, {known_as}, workflow.name::text
FROM snowflake_sync_views AS views
LEFT JOIN workflows AS workflow ON workflow.id = views.workflow_id
WHERE views.configuration_id = %(configuration)s AND views.due_at IS NOT NULL
    AND (views.error_at IS NULL OR views.error_at < clock_timestamp() - interval '10 minutes')
ORDER BY views.due_at

-- name: here
-- An account, schema or database that the destination had before keeps its views; as sync.warehouse.drift.known has it, an
-- account that is typed in another way is another one.
(lower(coalesce(views.account, %(account)s)), views.database_name, views.schema_name)
    = (lower(%(account)s), %(database)s, %(schema)s)

-- name: claim
-- Whoever had them, and did not let go in time, may have changed them: 'unknown' is no hash that anything has.
UPDATE snowflake_sync_views AS views
SET token = views.token + 1,
    busy_until = clock_timestamp() + %(seconds)s * interval '1 second',
    account = %(account)s,
    database_name = %(database)s,
    schema_name = %(schema)s,
    latest_hash = CASE WHEN {here} THEN CASE WHEN views.busy_until IS NULL THEN views.latest_hash ELSE 'unknown' END END,
    all_hash = CASE WHEN {here} THEN CASE WHEN views.busy_until IS NULL THEN views.all_hash ELSE 'unknown' END END
WHERE views.configuration_id = %(configuration)s AND views.workflow_id = %(workflow)s
    AND (views.busy_until IS NULL OR views.busy_until < clock_timestamp())
RETURNING views.token, views.latest_name, views.all_name, views.latest_hash, views.all_hash,
    views.shared_schema, views.shared_table, views.shared_at, views.shared_by_many, views.known_as, views.due_at

-- name: named
UPDATE snowflake_sync_views
SET latest_name = %(latest)s, all_name = %(all)s
WHERE configuration_id = %(configuration)s AND workflow_id = %(workflow)s AND token = %(token)s

-- name: end
UPDATE snowflake_sync_views
SET busy_until = NULL, latest_hash = %(latest_hash)s, all_hash = %(all_hash)s,
    error_code = %(code)s, error_message = %(message)s, error_remedy = %(remedy)s,
    error_at = CASE WHEN %(code)s::text IS NOT NULL THEN clock_timestamp() END,
    due_at = CASE WHEN %(is_made)s AND due_at = %(due_at)s THEN NULL ELSE due_at END
WHERE configuration_id = %(configuration)s AND workflow_id = %(workflow)s AND token = %(token)s
RETURNING true

-- name: overtaken
-- A statement took longer than they were held for, and others have changed them meanwhile: whose came last is not known.
-- Who has them now ends so, too.
UPDATE snowflake_sync_views
SET token = token + 1, latest_hash = 'unknown', all_hash = 'unknown', due_at = clock_timestamp()
WHERE configuration_id = %(configuration)s AND workflow_id = %(workflow)s

-- name: lacking
-- A look has found that it is not there under its name, and it was not loaded since.
EXISTS (
    SELECT FROM snowflake_sync_findings AS finding
    WHERE finding.configuration_id = %(configuration)s AND finding.database_name = own.database_name
        AND finding.schema_name = own.schema_name AND finding.table_name = own.table_name
        AND finding.kind IN ('missing', 'renamed', 'replaced')
        AND (finding.closed_at IS NULL OR finding.closed_how = 'loaded_again')
        AND (item.processed_at > finding.last_seen_at) IS NOT TRUE
)

-- name: results
-- The latest ones of a workflow that have tables of their own, where they are now: what a rule excludes, or is
-- being erased, is not among them, even if it was left where it is. One whose item went with its execution is.
SELECT
    own.execution_id, own.schema_name, own.table_name, own.computed_at, own.is_released, own.in_all_view,
    CASE WHEN row_number() OVER (ORDER BY own.computed_at DESC, own.execution_id DESC) <= %(shown)s
        THEN CASE WHEN own.is_released THEN own.left_columns ELSE own.columns END END
FROM (
    SELECT *, coalesce(released_at > clock_timestamp() - interval '1 hour', false) AS is_released
    FROM snowflake_sync_tables
    WHERE configuration_id = %(configuration)s AND workflow_id = %(known_as)s AND execution_id IS NOT NULL
        AND lower(coalesce(account, %(account)s)) = lower(%(account)s) AND database_name = %(database)s
        AND columns IS NOT NULL AND computed_at IS NOT NULL
    ORDER BY computed_at DESC, execution_id DESC
    LIMIT %(limit)s
) AS own
LEFT JOIN ONLY snowflake_sync_queue AS item
    ON item.execution_id = own.execution_id AND item.configuration_id = %(configuration)s
WHERE (
    item.id IS NULL OR (item.schema_name, item.table_name) = (own.schema_name, own.table_name)
        AND NOT (item.status = 'skipped' AND item.error_code IN ('excluded_by_rule', 'erased'))
) AND NOT {lacking}
ORDER BY own.computed_at DESC, own.execution_id DESC

-- name: columns
SELECT CASE WHEN released_at > clock_timestamp() - interval '1 hour' THEN left_columns ELSE columns END
FROM snowflake_sync_tables
WHERE configuration_id = %(configuration)s AND lower(coalesce(account, %(account)s)) = lower(%(account)s)
    AND database_name = %(database)s AND schema_name = %(schema)s AND table_name = %(table)s AND columns IS NOT NULL AND NOT EXISTS (
        SELECT FROM snowflake_sync_findings AS finding
        WHERE finding.configuration_id = %(configuration)s AND finding.database_name = %(database)s
            AND finding.schema_name = %(schema)s AND finding.table_name = %(table)s
            AND finding.kind IN ('missing', 'renamed', 'replaced') AND finding.closed_at IS NULL
    )

-- name: said
UPDATE snowflake_sync_tables AS own
SET in_all_view = said.why
FROM unnest(%(executions)s::text[], %(why)s::text[]) AS said (execution_id, why)
WHERE own.configuration_id = %(configuration)s AND own.execution_id = said.execution_id

-- name: shows
-- Whether these views may be of results in the table `made`.
CASE WHEN made.execution_id IS NULL
    THEN (views.shared_schema, views.shared_table) = (made.schema_name, made.table_name)
    ELSE views.known_as = made.workflow_id
END

-- name: note_table
UPDATE snowflake_sync_views AS views
SET due_at = clock_timestamp()
FROM snowflake_sync_tables AS made
WHERE made.configuration_id = %(configuration)s AND made.database_name = %(database)s
    AND made.schema_name = %(schema)s AND made.table_name = %(table)s
    AND views.configuration_id = %(configuration)s AND {shows}

-- name: release
-- Answers the workflows whose views may name these tables, and are due.
WITH released AS (
    UPDATE snowflake_sync_tables AS made
    SET released_at = clock_timestamp(), left_columns = %(left)s::jsonb
    FROM unnest(%(schemas)s::text[], %(tables)s::text[]) AS going (schema_name, table_name)
    WHERE made.configuration_id = %(configuration)s AND made.database_name = %(database)s
        AND made.schema_name = going.schema_name AND made.table_name = going.table_name
    RETURNING made.schema_name, made.table_name, made.workflow_id, made.execution_id
)
UPDATE snowflake_sync_views AS views
SET due_at = clock_timestamp()
FROM released AS made
WHERE views.configuration_id = %(configuration)s
    AND (views.latest_hash IS NOT NULL OR views.all_hash IS NOT NULL) AND {shows}
RETURNING views.workflow_id

-- name: read
SELECT views.workflow_id
FROM snowflake_sync_views AS views
JOIN unnest(%(schemas)s::text[], %(tables)s::text[]) AS going (schema_name, table_name)
    ON (views.shared_schema, views.shared_table) = (going.schema_name, going.table_name)
WHERE views.configuration_id = %(configuration)s AND views.latest_hash IS NOT NULL
LIMIT 1

-- name: made
SELECT workflow_id, name
FROM snowflake_sync_views AS views
CROSS JOIN LATERAL (VALUES (latest_name, latest_hash), (all_name, all_hash)) AS view (name, hash)
WHERE configuration_id = %(configuration)s AND {here} AND hash IS NOT NULL

-- name: lost
UPDATE snowflake_sync_views AS views
SET latest_hash = CASE WHEN latest_name <> ALL (%(names)s) THEN latest_hash END,
    all_hash = CASE WHEN all_name <> ALL (%(names)s) THEN all_hash END,
    due_at = clock_timestamp()
WHERE configuration_id = %(configuration)s AND {here}
    AND (busy_until IS NULL OR busy_until < clock_timestamp())
    AND (
        latest_name = ANY (%(names)s) AND latest_hash IS NOT NULL
        OR all_name = ANY (%(names)s) AND all_hash IS NOT NULL
    )
