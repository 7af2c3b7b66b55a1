-- name: attempts
SELECT outcome, coalesce(error_code, ''), sum(attempts)::bigint, sum(rows)::bigint, sum(bytes)::bigint, sum(statements)
FROM snowflake_sync_history
WHERE grain = 'ever'
GROUP BY 1, 2

-- name: latencies
SELECT kind, bound, count, seconds FROM snowflake_sync_latencies ORDER BY kind, bound

-- name: destinations
SELECT
    CASE WHEN NOT is_active THEN 'off' WHEN breaker_state = 'open' THEN 'paused' ELSE 'working' END,
    CASE WHEN is_active AND breaker_state = 'open' THEN coalesce(breaker_code, '') ELSE '' END,
    count(*)
FROM snowflake_configurations AS configuration
LEFT JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
GROUP BY 1, 2
