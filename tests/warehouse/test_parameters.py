"""What the catalogue shows of executions' parameters."""

import pytest

from sync.operations import change_rules
from sync.warehouse.content import without_secrets
from tests.load.excluded import ask
from tests.warehouse.conftest import Catalogued, run

SECRETS = [
    *(
        "Password",
        "pass",
        "db_pass",
        "smtp-pass",
        "pw",
        "db_pw",
        "passcode",
        "api-key",
        "apiKey",
        "AUTHORIZATION",
        "auth",
    ),
    *("basic_auth", "access_token", "jwt", "dsn", "connection_string", "account_key", "ssh_key", "otp", "sas_url"),
]
NO_SECRETS = [
    *("limit", "keyword", "max_tokens", "tokenizer", "passengers", "compass", "author", "authored_by", "sort_key"),
    *("monkey", "pinned"),
]


def test_what_sounds_like_a_secret_is_left_out() -> None:
    given = dict.fromkeys([*SECRETS, *NO_SECRETS], 1)
    assert set(without_secrets(given)) == set(NO_SECRETS)
    listed = [
        {"name": "password", "value": "x"},
        {"name": "limit", "value": 3},
        "postgres://me:mine@db/x",
        "https://a.b/c",
    ]
    assert without_secrets({"all": listed}) == {
        "all": [{"name": "password"}, {"name": "limit", "value": 3}, "https://a.b/c"]
    }


@pytest.mark.parametrize("odd", ['{"limit": 1' + "0" * 5000 + "}", '{"a": ' + "[" * 900 + "]" * 900 + "}"])
def test_parameters_that_cannot_be_read_stop_nothing(catalogued: Catalogued, odd: str) -> None:
    """Stored, a number of 5,000 digits is small."""
    items = catalogued.ended(2)
    run(
        "UPDATE workflow_executions SET execution_parameters = %s WHERE execution_id = %s", [odd, items[0].execution_id]
    )
    catalogued.publish()
    assert catalogued.row(items[0].execution_id, "PARAMETERS") == {"PARAMETERS": None}


def test_what_a_rule_keeps_out_has_no_parameters_there(catalogued: Catalogued) -> None:
    """Neither what never went there, nor what was taken out again."""
    world, sent = catalogued.world, {"customer": "ada@example.com"}
    (loaded,) = catalogued.complete(execution_parameters=sent)
    catalogued.work()
    assert catalogued.row(loaded, "PARAMETERS") == {"PARAMETERS": sent}
    out = {"field": "execution", "operator": "in", "value": [loaded.execution_id, "never there"]}
    rule = {"name": "not these", "kind": "scope", "action": "exclude", "when": [out]}
    change_rules(world.configuration.pk, [rule], author="", expected_version=None)
    ask(world)
    never = world.complete([("A", "integer")], [[1]], execution_id="never there", execution_parameters=sent)
    catalogued.complete()
    catalogued.work()
    for execution, status in ((loaded, "removed"), (never, "skipped")):
        row = catalogued.row(execution, "STATUS, ERROR_MESSAGE, PARAMETERS")
        assert row == {"STATUS": status, "ERROR_MESSAGE": 'Rule "not these" excludes it.', "PARAMETERS": None}
