-- Which executions the rules of a destination exclude. Nothing here raises, whatever a document, a parameter or a result
-- is: paths are lax, and jsonb is compared with jsonb.

-- name: like
-- A pattern of a rule as LIKE reads it: * stands for any characters, and nothing else for more than itself.
like_escape(replace(replace(replace(replace(pattern, '!', '!!'), '%%', '!%%'), '_', '!_'), '*', '%%'), '!')

-- name: scope
-- The rules of a `version` that decide which executions go there, by their place, and a line for each of their conditions,
-- of which one without any has one that always holds. No row where there are none.
SELECT
    -- Not all of the document, which is there once for each of its conditions.
    jsonb_object_agg(
        rule.place, jsonb_build_object('name', rule.document -> 'name', 'action', rule.document -> 'action')
    ) AS rules,
    array_agg(rule.place) AS places,
    array_agg(of_rule.workflow) AS workflows,
    array_agg(of_rule.subject) AS subjects,
    array_agg(of_rule.operator) AS operators,
    array_agg(of_rule.wanted) AS wanted,
    bool_or(of_rule.subject IS NOT NULL) AS reads,
    bool_or(of_rule.subject LIKE '{%%') AS reads_parameters,
    bool_or(of_rule.subject = 'rows') AS reads_rows,
    bool_or(rule.document ->> 'action' = 'include') AS only_these
FROM jsonb_path_query(version.rules, '$[*] ? (@.kind == "scope" && !(@.enabled == false))')
    WITH ORDINALITY AS rule (document, place)
LEFT JOIN LATERAL jsonb_path_query(rule.document, '$.when[*]') AS condition ON true
CROSS JOIN LATERAL (
    SELECT
        (SELECT {like} FROM coalesce(rule.document ->> 'workflow', '*') AS pattern) AS workflow,
        CASE WHEN condition IS NULL THEN '' ELSE coalesce(condition ->> 'operator', 'in') END AS operator,
        -- A field, or the steps of a parameter's path as an array's text.
        CASE
            WHEN condition ->> 'field' IN ('execution', 'rows', 'age_in_days') THEN condition ->> 'field'
            ELSE CASE jsonb_typeof(condition -> 'parameter')
                WHEN 'string' THEN string_to_array(condition ->> 'parameter', '.')
                WHEN 'array' THEN ARRAY(
                    SELECT step.key #>> '{}'
                    FROM jsonb_array_elements(condition -> 'parameter') WITH ORDINALITY AS step (key, place)
                    ORDER BY step.place
                )
            END::text
        END AS subject,
        CASE condition ->> 'operator'
            WHEN 'like' THEN (SELECT to_jsonb({like}) FROM CAST(condition ->> 'value' AS text) AS pattern)
            ELSE condition -> 'value'
        END AS wanted
) AS of_rule
HAVING count(*) > 0

-- name: scopes
-- Of each destination that is `asked` about, by the rules that are in force.
scope AS MATERIALIZED (
    SELECT asked.configuration_id, scope.*
    FROM asked
    CROSS JOIN LATERAL (
        SELECT rules FROM snowflake_sync_rule_versions
        WHERE configuration_id = asked.configuration_id
        ORDER BY version DESC LIMIT 1
    ) AS version
    CROSS JOIN LATERAL ({scope}) AS scope
),

-- name: holds
-- Numbers are compared as such, text by its bytes; what is of another type is not equal, and neither less nor greater. Of
-- what is not there, it holds that it is not, and that it is not equal.
CASE line.operator
    WHEN '' THEN true
    WHEN 'eq' THEN found = wanted
    WHEN 'ne' THEN found IS DISTINCT FROM wanted
    WHEN 'in' THEN wanted @> jsonb_build_array(found)
    WHEN 'like' THEN jsonb_typeof(found) = 'string' AND (found #>> '{}') COLLATE "C" LIKE wanted #>> '{}'
    WHEN 'exists' THEN (found IS NULL) = (wanted IS NOT DISTINCT FROM 'false')
    ELSE jsonb_typeof(found) = jsonb_typeof(wanted) AND CASE
        WHEN found = wanted THEN operator IN ('le', 'ge')
        WHEN CASE jsonb_typeof(found)
            WHEN 'string' THEN (found #>> '{}') COLLATE "C" < wanted #>> '{}'
            ELSE found < wanted
        END THEN operator IN ('lt', 'le')
        ELSE operator IN ('gt', 'ge')
    END
END

-- name: excluded
-- What is said of an `execution` that a `scope` excludes, and by which rule; NULL of one that goes there. The first rule
-- that holds decides. Parameters and results are unpacked once, and only where a rule asks for them.
SELECT
    CASE
        WHEN rule.document ->> 'action' = 'exclude' THEN concat('Rule "', rule.document ->> 'name', '" excludes it.')
        WHEN rule.document IS NULL AND scope.only_these
        THEN 'Only what a rule includes goes there, and none includes it.'
    END AS message,
    rule.document ->> 'name' AS rule
FROM (
    SELECT scope.rules -> (
        SELECT line.place::text
        FROM unnest(scope.places, scope.workflows, scope.subjects, scope.operators, scope.wanted)
            AS line (place, workflow, subject, operator, wanted)
        CROSS JOIN LATERAL (
            SELECT CASE line.subject
                WHEN 'execution' THEN to_jsonb(fact.execution_id)
                WHEN 'rows' THEN to_jsonb(fact.rows)
                WHEN 'age_in_days' THEN to_jsonb(fact.age_in_days)
                ELSE fact.parameters #> line.subject::text[]
            END AS found
            OFFSET 0
        ) AS compared
        WHERE named.is_one AND execution.workflow LIKE line.workflow
        GROUP BY line.place
        HAVING bool_and(({holds}) IS TRUE)
        ORDER BY line.place
        LIMIT 1
    ) AS document
    FROM (SELECT execution.workflow LIKE ANY (scope.workflows) AS is_one OFFSET 0) AS named
    LEFT JOIN LATERAL (
        SELECT
            row.execution_id::text AS execution_id,
            CASE WHEN scope.reads_parameters THEN to_jsonb(row.execution_parameters) END AS parameters,
            CASE WHEN scope.reads_rows THEN coalesce(
                row.result_total_rows,
                CASE jsonb_typeof(row.result_rows) WHEN 'array' THEN jsonb_array_length(row.result_rows) END
            ) END AS rows,
            (extract(epoch FROM clock.now) - extract(epoch FROM row.completed_at)) / 86400 AS age_in_days
        FROM clock
        CROSS JOIN workflow_executions AS row
        WHERE scope.reads AND named.is_one AND row.execution_id = execution.execution_id
        OFFSET 0
    ) AS fact ON true
    OFFSET 0
) AS rule
WHERE scope.rules IS NOT NULL

-- name: decided
-- For each `execution` and `configuration`.
LEFT JOIN scope ON scope.configuration_id = configuration.id
    LEFT JOIN LATERAL ({excluded}) AS excluded ON true

-- name: undecided
-- The same where there are no rules.
CROSS JOIN (SELECT NULL AS message, NULL AS rule) AS excluded

-- name: asked
-- Executions that are asked about, and what a `scope` decides of them.
(
    SELECT execution.execution_id, {workflow} AS workflow
    FROM workflow_executions AS execution
    LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
    WHERE execution.execution_id = ANY (%(executions)s)
) AS execution
CROSS JOIN scope
CROSS JOIN LATERAL ({excluded}) AS excluded

-- name: excluded_now
WITH {clock},
scope AS MATERIALIZED (
    SELECT scope.*
    FROM snowflake_sync_rule_versions AS version
    CROSS JOIN LATERAL ({scope}) AS scope
    WHERE version.configuration_id = %(configuration)s AND version.version = %(version)s
)
SELECT execution.execution_id, excluded.message
FROM {asked}
WHERE excluded.message IS NOT NULL

-- name: decided_by
-- The same of rules that nobody has saved, and of all executions.
WITH {clock},
scope AS MATERIALIZED (
    SELECT scope.*
    FROM (SELECT %(rules)s::jsonb AS rules) AS version
    CROSS JOIN LATERAL ({scope}) AS scope
)
SELECT execution.execution_id, excluded.rule, excluded.message
FROM {asked}
