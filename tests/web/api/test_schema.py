"""The schema: the committed one is what the API is, and the API is what it says."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

import config.urls  # noqa: F401 - as a server has them; the generator alone would import itself in a circle
from accounts.models import ApiToken, User
from sync.web.api.documentation import SchemaView
from tests.web.api.conforming import COMMITTED, ask_anything, operations
from tests.web.api.conftest import Caller, Owned


def test_the_committed_schema_is_the_one_that_the_code_makes() -> None:
    made = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=made)
    assert made.getvalue() == COMMITTED.read_text(encoding="utf-8"), (
        "The API is another than docs/openapi.yaml says. If that is what you want: make schema"
    )


@pytest.mark.django_db
def test_everyone_gets_the_schema_as_yaml_or_json() -> None:
    assert Client().get("/api/schema").content.decode().startswith("openapi: 3.1")
    as_json = Client(headers={"Accept": "application/json"}).get("/api/schema")
    assert as_json.json()["info"]["title"] == "Universal Snowflake Sync"
    assert "http://" not in as_json.content.decode()


@pytest.mark.django_db
def test_the_schema_is_made_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Client().get("/api/schema")
    assert first.content.decode() == COMMITTED.read_text(encoding="utf-8")

    def make(*_: object, **__: object) -> None:
        raise AssertionError("it is made anew")

    monkeypatch.setattr(SchemaView.generator_class, "get_schema", make)
    again = Client().get("/api/schema")
    assert (again.content, again.headers["Content-Type"]) == (first.content, "application/vnd.oai.openapi")


@pytest.mark.django_db
def test_every_operation_has_its_problems_and_all_but_scripts_an_example() -> None:
    schema = Client(headers={"Accept": "application/json"}).get("/api/schema").json()
    for path, operations_ in schema["paths"].items():
        for operation in operations_.values():
            assert {"401", "503"} <= set(operation["responses"]), path
            for status, response in operation["responses"].items():
                kinds = set(response.get("content", {}))
                good = {"application/json"} if status in ("200", "201") else set()
                assert kinds == (good if status < "300" else {"application/problem+json"}), path
                if good and not path.endswith("setup-script"):
                    assert "examples" in response["content"]["application/json"], path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", operations("/api/snowflake-sync/"), ids=" ".join)
def test_no_answer_is_a_5xx_or_undocumented(
    ada: Owned, staff: Caller, settings: Settings, operation: tuple[str, str]
) -> None:
    # Staff, too, revoke their own alone.
    token, _ = ApiToken.objects.create(User.objects.get(email="staff@example.com"))
    known = {
        "sync_id": str(ada.item.pk),
        "execution_id": ada.execution.execution_id,
        "token_id": str(token.pk),
        "workflow": ada.workflow.workflow_id,
        "destination": str(ada.configuration.pk),
        "until": (timezone.now() + timedelta(days=7)).isoformat(),
    }
    seen = ask_anything(settings, operation, known, (staff, ada.caller, Caller(), ada.caller), examples=20)
    # Of both kinds, or nothing was tried.
    assert any(status < 300 for status in seen)
    assert seen[401]
