"""The statements of sync.reporting.history.reading."""

CLOCK = "SELECT clock_timestamp(), as_of FROM snowflake_sync_history_state"

_SERIES = """
SELECT
    date_bin(%(step)s * interval '1 second', at, 'epoch') AS start,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'completed'), 0)::bigint,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'failed'), 0)::bigint,
    coalesce(sum(rows), 0)::bigint,
    sum(lag_seconds) FILTER (WHERE outcome = 'completed')
        / nullif(sum(timed) FILTER (WHERE outcome = 'completed'), 0),
    max(lag_longest) FILTER (WHERE outcome = 'completed' AND timed > 0)
FROM snowflake_sync_history
WHERE {which} AND at >= %(first)s
GROUP BY 1
"""
SERIES_OF_ALL = _SERIES.format(which="grain = 'all ' || %(grain)s")
SERIES_OF_SOME = _SERIES.format(which="grain = %(grain)s AND configuration_id = ANY (%(configurations)s::uuid[])")

STRIPS = """
SELECT
    configuration_id,
    at,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'completed'), 0)::bigint,
    coalesce(sum(attempts) FILTER (WHERE outcome = 'failed'), 0)::bigint,
    coalesce(sum(attempts) FILTER (WHERE outcome NOT IN ('completed', 'failed', 'released', 'skipped')), 0)::bigint,
    sum(rows)::bigint,
    sum(bytes)::bigint,
    sum(statements)
FROM snowflake_sync_history
WHERE grain = 'hour' AND at >= %(first)s AND configuration_id = ANY (%(configurations)s::uuid[])
GROUP BY configuration_id, at
"""

# When each loaded for the last time, and since when it has been paused: the first time after that.
SUCCESSES = """
WITH success AS (
    SELECT configuration_id, max(last_at) AS at
    FROM snowflake_sync_history
    WHERE grain = 'ever' AND outcome = 'completed' AND configuration_id = ANY (%(configurations)s::uuid[])
    GROUP BY configuration_id
)
SELECT configuration.id, success.at, CASE WHEN configuration.is_paused THEN (
    SELECT min(CASE WHEN pause.first_at > coalesce(success.at, 'epoch') THEN pause.first_at ELSE pause.last_at END)
    FROM snowflake_sync_history AS pause
    WHERE pause.grain = 'hour'
        AND pause.configuration_id = configuration.id
        AND pause.outcome = 'paused'
        AND pause.last_at > coalesce(success.at, 'epoch')
) END
FROM unnest(%(configurations)s::uuid[], %(paused)s::boolean[]) AS configuration (id, is_paused)
LEFT JOIN success ON success.configuration_id = configuration.id
"""

RATES = """
SELECT worker_id, sum(attempts) FILTER (WHERE outcome = 'completed')
FROM snowflake_sync_history
WHERE grain = 'worker' AND at >= %(first)s AND worker_id = ANY (%(workers)s)
GROUP BY worker_id
"""
