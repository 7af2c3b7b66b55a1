-- name: came
SELECT count(*)
FROM snowflake_sync_queue
WHERE created_at >= %(start)s AND created_at < %(end)s AND (%(owner)s::uuid IS NULL OR user_id = %(owner)s::uuid)

-- name: destinations
-- What each did in these hours, the busiest first; and the month's share that came in time, where something is promised.
-- Hours are whole ones of UTC also where 08:00 is not: else the piece of one that is cut would be in no digest.
SELECT
    configuration.id,
    configuration.name,
    format('%%s %%s.%%s', configuration.account_identifier, configuration.database, configuration.schema),
    done.loaded,
    done.rows,
    done.failed,
    done.statements,
    done.slowest,
    kept.in_time::double precision / nullif(kept.ended, 0)
FROM (
    SELECT
        configuration_id,
        coalesce(sum(attempts) FILTER (WHERE outcome = 'completed'), 0)::bigint AS loaded,
        sum(rows)::bigint AS rows,
        coalesce(sum(attempts) FILTER (WHERE outcome = 'failed'), 0)::bigint AS failed,
        sum(statements) AS statements,
        coalesce(max(lag_longest) FILTER (WHERE outcome = 'completed'), 0) AS slowest
    FROM snowflake_sync_history
    WHERE grain = 'hour'
        AND at >= date_trunc('hour', %(start)s::timestamptz, 'UTC')
        AND at < date_trunc('hour', %(end)s::timestamptz, 'UTC')
    GROUP BY configuration_id
) AS done
JOIN snowflake_configurations AS configuration ON configuration.id = done.configuration_id
LEFT JOIN snowflake_sync_freshness AS kept
    ON kept.configuration_id = configuration.id
    AND kept.month = date_trunc('month', %(month)s::date)::date
    AND configuration.freshness_minutes IS NOT NULL
WHERE (%(owner)s::uuid IS NULL OR configuration.user_id = %(owner)s::uuid)
ORDER BY done.loaded + done.failed DESC, configuration.id
