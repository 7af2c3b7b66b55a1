"""What a load may still have under way in Snowflake after its worker has lost it or given it up.

A named transaction is noted before it begins; any other statement once its worker goes on without its answer.
The note outlives the claim, however that ends, and comes with the next one: who takes the item over sees to the end of
what is noted before it loads.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sync.postgres import one_statement, read_sql
from sync.queue.rows import Claim, OpenLoad

_NOTE, _FORGET, _HAVE_ENDED_WITH = read_sql(__file__, "note", "forget", "have_ended_with")


class ClaimLostError(Exception):
    """An item is not the worker's any more: another worker may have it by now."""


def note_open_load(claims: Sequence[Claim], load: OpenLoad) -> None:
    """Notes it on all of these items. Raises ClaimLostError, and notes nothing, if one is another worker's by now."""
    items = [claim.item_id for claim in claims]
    tokens = [claim.claim_token for claim in claims]
    if not one_statement(_NOTE, {"items": items, "tokens": tokens, "facts": _facts(load)}):
        raise ClaimLostError


def forget_open_load(claims: Iterable[Claim], load: OpenLoad) -> None:
    """Its end was seen: it holds up nobody any more."""
    one_statement(_FORGET, {"items": [claim.item_id for claim in claims], "facts": _facts(load)})


def have_ended_with(claims: Sequence[Claim], *codes: str) -> bool:
    """Whether a try of one of these items, with the results that it has now, has ended with one of these codes."""
    # Where nothing is retried by itself, tries are not counted.
    repeated = [claim for claim in claims if claim.retry_count or not claim.max_retries]
    params = {
        "items": [claim.item_id for claim in repeated],
        "generations": [claim.generation for claim in repeated],
        "codes": list(codes),
    }
    return bool(repeated) and bool(one_statement(_HAVE_ENDED_WITH, params)[0][0])


def _facts(load: OpenLoad) -> str:
    return json.dumps(asdict(load) | {"ends_by": load.ends_by.isoformat()})
