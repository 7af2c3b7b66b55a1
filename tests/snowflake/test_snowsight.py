"""A link to Snowsight only where it is sure to lead there."""

import pytest

from sync.snowflake.session import query_address

QUERY = "01b7a2c4-0000-003b-0000-000000000001"


@pytest.mark.parametrize("account", ["myorg-my_account", "MYORG-MY_ACCOUNT", "myorg-my_account.snowflakecomputing.com"])
def test_the_page_of_a_query(account: str) -> None:
    expected = f"https://app.snowflake.com/myorg/my_account/#/compute/history/queries/{QUERY}/detail"
    assert query_address(account, QUERY) == expected


@pytest.mark.parametrize(
    "account",
    [
        "xy12345",
        "xy12345.eu-central-1.aws",
        "org-acct.privatelink",
        "a-b.snowflakecomputing.cn",
        "a-b/../evil",
        "-a",
        "",
    ],
)
def test_no_link_where_it_is_not_known(account: str) -> None:
    assert query_address(account, QUERY) is None


@pytest.mark.parametrize("query_id", ["", "1", f"{QUERY}/../x", f"{QUERY}\n", "javascript:alert(1)"])
def test_no_link_for_what_is_no_query_id(query_id: str) -> None:
    assert query_address("myorg-myaccount", query_id) is None
