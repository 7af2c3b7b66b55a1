-- name: known_as
-- What a `workflow` goes by: one that the application gave no workflow_id goes by its id.
coalesce(workflow.workflow_id::text, workflow.id::text)
