"""The statements of sync.reporting.items: which items there are, from the indexes that are there for it.

Each finds (id, position): position is when the item was made, or, while it waits to be routed, when it was queued last.
"""

# What snowflake_sync_queue_listing_idx covers.
_LISTED = "item.status <> 'processing' AND (item.status <> 'pending' OR item.configuration_id IS NOT NULL)"
_RANGE = """
    AND ({at}, item.id) < (%(position_at)s::timestamptz, %(position_id)s::uuid)
    AND {at} >= %(since)s::timestamptz AND {at} < %(until)s::timestamptz
"""
_BY_CREATION = _RANGE.format(at="item.created_at")
_BY_DUE = _RANGE.format(at="item.run_after")

_ONE_OWNER = "SELECT %(user_id)s::uuid AS user_id"
# All who have items, by hopping from one to the next in the index.
_ALL_OWNERS = f"""
(
    SELECT item.user_id FROM snowflake_sync_queue AS item
    WHERE {_LISTED} AND item.user_id IS NOT NULL ORDER BY item.user_id LIMIT 1
)
UNION ALL
SELECT (
    SELECT item.user_id FROM snowflake_sync_queue AS item
    WHERE {_LISTED} AND item.user_id > owner.user_id ORDER BY item.user_id LIMIT 1
)
FROM owner WHERE owner.user_id IS NOT NULL
"""

_OWNED = f"""
SELECT item.id, item.created_at AS position
FROM owner
CROSS JOIN unnest(%(statuses)s::text[]) AS wanted (status)
CROSS JOIN LATERAL (
    SELECT item.id, item.created_at FROM snowflake_sync_queue AS item
    WHERE item.user_id = owner.user_id AND item.status = wanted.status AND {_LISTED} {_BY_CREATION}
    ORDER BY item.created_at DESC, item.id DESC
    LIMIT %(size)s
) AS item
"""
# Without an owner: what failed for want of one.
_OWNERLESS = f"""
SELECT item.id, item.created_at
FROM unnest(%(statuses)s::text[]) AS wanted (status)
CROSS JOIN LATERAL (
    SELECT item.id, item.created_at FROM snowflake_sync_queue AS item
    WHERE item.user_id IS NULL AND item.status = wanted.status AND {_LISTED} {_BY_CREATION}
    ORDER BY item.created_at DESC, item.id DESC
    LIMIT %(size)s
) AS item
"""
_UNROUTED = f"""
SELECT item.id, item.run_after FROM (
    SELECT item.id, item.run_after FROM snowflake_sync_queue AS item
    WHERE item.configuration_id IS NULL AND item.status = 'pending' {{whose}} {_BY_DUE}
    ORDER BY item.run_after DESC, item.id DESC
    LIMIT %(size)s
) AS item
"""
_PROCESSING = f"""
SELECT item.id, item.created_at FROM snowflake_sync_queue AS item
WHERE item.status = 'processing' {{whose}} {_BY_CREATION}
"""

_FOUND = """
WITH RECURSIVE owner AS ({owners})
SELECT found.id, found.position, true AS meant FROM ({source}) AS found
"""
_NEWEST = "ORDER BY found.position DESC, found.id DESC\nLIMIT %(size)s"
_MEANT = """
SELECT found.id, found.position,
    (
        (%(configuration_ids)s::uuid[] IS NULL OR item.configuration_id = ANY (%(configuration_ids)s::uuid[]))
        AND (%(workflow_ids)s::uuid[] IS NULL OR execution.workflow_id = ANY (%(workflow_ids)s::uuid[]))
        AND (%(error_codes)s::text[] IS NULL OR item.error_code = ANY (%(error_codes)s::text[]))
    ) IS TRUE
FROM ({found}) AS found
JOIN snowflake_sync_queue AS item ON item.id = found.id
LEFT JOIN workflow_executions AS execution
    ON execution.execution_id = item.execution_id AND %(workflow_ids)s::uuid[] IS NOT NULL
ORDER BY found.position DESC, found.id DESC
"""

# What a list shows of them, and no results, which are large.
DETAILS = """
SELECT
    item.id, item.execution_id, item.status, item.retry_count, item.max_retries, item.run_after, item.error_code,
    item.error_message, item.error_remedy, item.schema_name, item.table_name, item.row_count, item.created_at,
    item.updated_at, item.processed_at, workflow.workflow_id, workflow.name, owner.email, configuration.id,
    configuration.name, configuration.account_identifier, configuration.database, configuration.schema
FROM snowflake_sync_queue AS item
LEFT JOIN workflow_executions AS execution ON execution.execution_id = item.execution_id
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
LEFT JOIN users AS owner ON owner.id = item.user_id
LEFT JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
WHERE item.id = ANY (%(ids)s)
"""


def candidates(statuses: list[str], *, of_one: bool, narrow: bool) -> str:
    """The newest `size` items in these states, of one owner or of all; `narrow`: and whether each is what is meant."""
    found = f"{_found(statuses, of_one=of_one)}{_NEWEST}"
    return _MEANT.format(found=found) if narrow else found


def count(statuses: list[str], *, of_one: bool) -> str:
    """How many there are, at most `size`."""
    return f"SELECT count(*) FROM ({_found(statuses, of_one=of_one)}LIMIT %(size)s) AS found"


def _found(statuses: list[str], *, of_one: bool) -> str:
    whose = "AND item.user_id = %(user_id)s::uuid" if of_one else ""
    sources = [_OWNED, *([] if of_one else [_OWNERLESS])]
    if "pending" in statuses:
        sources.append(_UNROUTED.format(whose=whose))
    if "processing" in statuses:
        sources.append(_PROCESSING.format(whose=whose))
    return _FOUND.format(owners=_ONE_OWNER if of_one else _ALL_OWNERS, source=" UNION ALL ".join(sources))
