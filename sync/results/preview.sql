-- name: size
SELECT coalesce(pg_column_size(result_rows), 0) FROM workflow_executions WHERE id = %s

-- name: head
-- The result is unpacked once. A row that is not of the documented form, or has no declared columns, is shown as it is.
WITH head AS MATERIALIZED (
    SELECT
        jsonb_path_query_array(result_rows, %(first_rows)s::jsonpath) AS rows,
        CASE jsonb_typeof(result_columns) WHEN 'array' THEN result_columns END AS columns,
        left(execution_parameters::text, 2000) AS parameters
    FROM workflow_executions
    WHERE id = %(execution)s
),
named AS MATERIALIZED (
    SELECT declared.ordinality::integer AS place, CASE jsonb_typeof(declared.value)
        WHEN 'object' THEN declared.value ->> 'name'
        ELSE declared.value #>> '{}'
    END AS name
    FROM head
    CROSS JOIN LATERAL jsonb_array_elements(head.columns) WITH ORDINALITY AS declared
    WHERE declared.ordinality = ANY (%(places)s)
),
shown AS (
    SELECT line.ordinality AS place, to_jsonb(
        CASE WHEN NOT EXISTS (SELECT FROM named) OR jsonb_typeof(line.value) NOT IN ('object', 'array')
            THEN ARRAY[left(line.value::text, %(longest)s)]
            ELSE ARRAY(
                SELECT left(
                    CASE jsonb_typeof(line.value)
                        WHEN 'object' THEN line.value ->> named.name
                        ELSE line.value ->> (named.place - 1)
                    END,
                    %(longest)s
                )
                FROM named
                ORDER BY named.place
            )
        END
    ) AS texts
    FROM head
    CROSS JOIN LATERAL jsonb_array_elements(head.rows) WITH ORDINALITY AS line
)
SELECT
    ARRAY(SELECT left(coalesce(name, ''), %(longest)s) FROM named ORDER BY place),
    (SELECT coalesce(jsonb_array_length(columns), 0) FROM head),
    (SELECT coalesce(jsonb_agg(texts ORDER BY place), '[]') FROM shown),
    (SELECT parameters FROM head)

-- name: value
-- Of a column that is declared twice, the first is shown.
SELECT left(
    CASE
        WHEN %(column)s::text IS NULL THEN line::text
        WHEN jsonb_typeof(line) = 'object' THEN line ->> %(column)s::text
        ELSE line ->> (
            SELECT declared.ordinality::integer - 1
            FROM jsonb_array_elements(columns) WITH ORDINALITY AS declared
            WHERE %(column)s IN (declared.value ->> 'name', declared.value #>> '{}')
            ORDER BY declared.ordinality
            LIMIT 1
        )
    END,
    %(longest)s
)
FROM (
    SELECT
        result_rows -> %(row)s::integer - 1 AS line,
        CASE jsonb_typeof(result_columns) WHEN 'array' THEN result_columns ELSE '[]' END AS columns
    FROM workflow_executions
    WHERE execution_id = %(execution_id)s AND pg_column_size(result_rows) <= %(largest)s
) AS execution
