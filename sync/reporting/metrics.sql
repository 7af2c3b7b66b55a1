-- name: attempts
SELECT outcome, coalesce(error_code, ''), sum(attempts)::bigint, sum(rows)::bigint, sum(bytes)::bigint, sum(statements)
FROM snowflake_sync_history
WHERE grain = 'ever'
GROUP BY 1, 2

-- name: latencies
SELECT kind, bound, count, seconds FROM snowflake_sync_latencies ORDER BY kind, bound

-- name: destinations
SELECT
    CASE
        WHEN NOT is_active THEN 'off'
        WHEN breaker_state = 'open' THEN 'paused'
        WHEN last_login_at IS NULL THEN 'untried'
        ELSE 'working'
    END,
    CASE WHEN is_active AND breaker_state = 'open' THEN coalesce(breaker_code, '') ELSE '' END,
    count(*)
FROM snowflake_configurations AS configuration
LEFT JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
GROUP BY 1, 2

-- name: alerts
SELECT kind, count(*) FROM snowflake_sync_alerts WHERE closed_at IS NULL GROUP BY kind ORDER BY kind

-- name: findings
-- Of active destinations, as sync.reporting.findings has it.
SELECT kind, count(*)
FROM snowflake_sync_findings AS finding
JOIN snowflake_configurations AS configuration ON configuration.id = finding.configuration_id AND configuration.is_active
WHERE closed_at IS NULL
GROUP BY kind
ORDER BY kind

-- name: catalogues
SELECT count(*) FROM snowflake_sync_catalogue_changes

-- name: messages
-- Those that wait for their first try, and those that were tried in vain and wait for the next; channels of which the last
-- try was in vain; and when the last look came to its end.
SELECT
    (
        SELECT count(*) FILTER (WHERE error = '') FROM snowflake_sync_alert_deliveries
        WHERE delivered_at IS NULL AND given_up_at IS NULL
    ),
    (
        SELECT count(*) FILTER (WHERE error <> '') FROM snowflake_sync_alert_deliveries
        WHERE delivered_at IS NULL AND given_up_at IS NULL
    ),
    (SELECT count(*) FROM snowflake_sync_alert_channels WHERE failing_since IS NOT NULL),
    (SELECT coalesce(max(extract(epoch FROM ended_at)), 0)::double precision FROM snowflake_sync_alert_looks)
