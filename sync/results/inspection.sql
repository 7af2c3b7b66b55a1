-- name: result_hash
-- The hash by which the sweep sees whether results have changed; the sweep has the same expression.
jsonb_hash_extended(coalesce(result_rows, 'null'), jsonb_hash_extended(coalesce(result_columns, 'null'), 0))

-- name: column_names
-- Of `known`, an array: NULL for an entry without a name.
ARRAY (SELECT CASE jsonb_typeof(c) WHEN 'string' THEN c #>> '{}'
        ELSE CASE jsonb_typeof(c -> 'name') WHEN 'string' THEN c ->> 'name' END END
    FROM jsonb_array_elements(known) WITH ORDINALITY AS t (c, i) ORDER BY i)

-- name: column_types
ARRAY (SELECT CASE jsonb_typeof(c -> 'type') WHEN 'string' THEN c ->> 'type' END
    FROM jsonb_array_elements(known) WITH ORDINALITY AS t (c, i) ORDER BY i)

-- name: examine
-- Two levels, so that a stored result is unpacked once.
SELECT execution_id, {result_hash}, source_version,
    status::text, CASE WHEN result_total_rows > rows THEN result_total_rows::text END,
    jsonb_typeof(result_rows), jsonb_typeof(result_rows -> 0), rows, jsonb_typeof(result_columns), count,
    {column_names}, {column_types}
FROM (SELECT *, CASE WHEN count BETWEEN 1 AND %(max)s THEN result_columns ELSE '[]' END AS known FROM (
    SELECT *,
        CASE jsonb_typeof(result_rows) WHEN 'array' THEN jsonb_array_length(result_rows) ELSE 0 END AS rows,
        CASE jsonb_typeof(result_columns) WHEN 'array' THEN jsonb_array_length(result_columns) ELSE 0 END AS count
    FROM (
        SELECT execution_id, xmin::text AS source_version, status, result_total_rows,
            result_columns::jsonb #> '{}' AS result_columns, result_rows::jsonb #> '{}' AS result_rows
        FROM workflow_executions WHERE execution_id = ANY (%(execution_ids)s) OFFSET 0) AS e) AS f) AS g
