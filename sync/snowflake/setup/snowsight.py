"""Where Snowflake's own pages are."""

import re

# An organization's name has no hyphen. `organization-account` is how Snowflake names an account today; where an older
# locator's pages are depends on its region and cloud, and PrivateLink's on the network: no link then.
_ACCOUNT = re.compile(r"([a-z0-9]+)-([a-z0-9_-]+?)(?:\.snowflakecomputing\.com)?", re.ASCII)
_QUERY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def query_address(account_identifier: str, query_id: str) -> str | None:
    """The page of a query in Snowsight; None where it is not known for sure.

    docs.snowflake.com/en/user-guide/organizations-connect: https://app.snowflake.com/ORGANIZATION/ACCOUNT.
    """
    account = _ACCOUNT.fullmatch(account_identifier.strip().lower())
    if account is None or not _QUERY_ID.fullmatch(query_id):
        return None
    organization, name = account.groups()
    return f"https://app.snowflake.com/{organization}/{name}/#/compute/history/queries/{query_id}/detail"
