"""The query tag: by it, Snowflake's QUERY_HISTORY says what each statement was for."""

import json
from collections.abc import Mapping

APPLICATION = "universal-snowflake-sync"
# A tag has 2,000 characters: docs.snowflake.com/en/sql-reference/parameters#query-tag. JSON may make six of one.
_LONGEST = 150


def query_tag(about: Mapping[str, str | int]) -> str:
    """What a statement is for, as JSON; long texts are cut."""
    shown = {name: said[:_LONGEST] if isinstance(said, str) else said for name, said in about.items()}
    return json.dumps({"app": APPLICATION, **shown}, ensure_ascii=False, separators=(",", ":"))
