-- name: clock
clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
)

-- name: name
-- What the catalogue calls a workflow: an application's name may be NULL.
coalesce(nullif(left(workflow.name, 1000), ''), workflow.workflow_id::text, '')
