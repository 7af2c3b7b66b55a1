"""Tokens and secrets, for staff who may look at lists."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import ApiToken, User
from tests.factories import ConfigurationFactory
from tests.security.conftest import client_of
from tests.web.api.conftest import Caller

LISTS = {
    "accounts/user": "view_user",
    "accounts/apitoken": "view_apitoken",
    "accounts/snowflakeconfiguration": "view_snowflakeconfiguration",
    "auth/group": "view_group",
    "sync/syncqueueitem": "view_syncqueueitem",
    "sync/syncattempt": "view_syncattempt",
    "sync/synctable": "view_synctable",
    "sync/syncworker": "view_syncworker",
    "sync/workflow": "view_workflow",
    "sync/workflowexecution": "view_workflowexecution",
}
GUESSES = (
    "accounts/user/?auth_token_set__digest__startswith=a",
    "accounts/user/?auth_token_set__digest__gt=a",
    "accounts/user/?login__password__startswith=pbkdf2",
    "accounts/user/?login__isnull=False",
    "accounts/user/?snowflake_configurations__password_encrypted__startswith=g",
    "accounts/apitoken/?digest__startswith=a",
    "accounts/apitoken/?user__login__password__startswith=a",
    "accounts/snowflakeconfiguration/?password_encrypted__startswith=g",
    "accounts/snowflakeconfiguration/?next_private_key_encrypted=",
    "accounts/snowflakeconfiguration/?user__auth_token_set__digest__startswith=a",
    "auth/group/?user_set__login__password__startswith=a",
    "auth/group/?user_set__auth_token_set__digest__startswith=a",
    "sync/syncqueueitem/?configuration__password_encrypted__startswith=g",
    "sync/syncattempt/?configuration__token_encrypted__startswith=g",
    "sync/synctable/?configuration__private_key_encrypted__startswith=g",
    "sync/workflow/?user__login__password__startswith=a",
    "sync/workflow/?user__email__startswith=a",
    "sync/workflowexecution/?workflow__user__login__is_superuser=True",
)


@pytest.mark.parametrize("guess", GUESSES)
def test_no_list_answers_a_guess(staff: Callable[..., Client], guess: str) -> None:
    ConfigurationFactory.create()
    listed, _, _ = guess.partition("/?")
    client = staff(*LISTS.values())
    assert client.get(f"/admin/{listed}/").status_code == 200
    assert client.get(f"/admin/{guess}").status_code == 400


def test_a_tokens_digest_stands_on_no_page_and_in_no_log(root: User) -> None:
    client = client_of(root)
    token, _ = ApiToken.objects.create(root, name="laptop")
    page = f"/admin/accounts/apitoken/{token.pk}/"
    client.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    for path in ("/admin/", "/admin/accounts/apitoken/", f"{page}change/", f"{page}history/", "/activity"):
        assert token.digest not in client.get(path).content.decode(), path
    assert token.digest not in str(list(LogEntry.objects.values_list("object_repr", "change_message")))


@pytest.mark.parametrize("power", ["is_staff", "is_superuser"])
def test_a_token_of_somebody_without_powers_gets_none_with_them(root: User, power: str) -> None:
    """Mallory made it, may do that, and waits."""
    user = User.objects.create_user("promoted@example.com")
    kept = Caller(ApiToken.objects.create(user)[1])
    assert kept.get("stats").status_code == 200
    client_of(root).post(f"/admin/accounts/user/{user.pk}/change/", {power: "on"})
    answer = kept.get("stats")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
    user = User.objects.get(pk=user.pk)
    own = Caller(ApiToken.objects.create(user)[1])
    user.change_login(password=None, is_staff=True, is_superuser=True)
    assert own.get("stats").status_code == 200
