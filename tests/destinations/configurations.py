"""What the tests of the configurations' API share."""

import json
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from accounts.models import ApiToken, SnowflakeConfiguration, User

URL = "/api/snowflake/configurations"


class Api:
    """Requests with somebody's token."""

    def __init__(self, user: User) -> None:
        self._client = Client()
        self._headers = {"Authorization": f"Bearer {ApiToken.objects.create(user)[1]}"}

    def __call__(self, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
        data = "" if body is None else json.dumps(body)
        answer = self._client.generic(method, URL + path, data, "application/json", headers=self._headers)
        return answer.status_code, answer.json() if answer.content else None


def wanted(**more: Any) -> dict[str, Any]:
    return {
        "account_identifier": "acme-main",
        "warehouse": "loading",
        "database": "analytics",
        "schema": "public",
        "role": "loader",
        "username": "sync_user",
    } | more


def made(api: Api, **more: Any) -> dict[str, Any]:
    status, configuration = api("POST", body=wanted(**more))
    assert status == 201, configuration
    assert isinstance(configuration, dict)
    return configuration


def refusals(problem: dict[str, Any]) -> dict[str, str]:
    """What was said of each field."""
    return {error["field"]: error["detail"] for error in problem["errors"]}


def stored(configuration: dict[str, Any]) -> SnowflakeConfiguration:
    return SnowflakeConfiguration.objects.get(pk=configuration["id"])


def own_key(passphrase: bytes = b"", bits: int = 2048) -> str:
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    key = rsa.generate_private_key(65537, bits)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden).decode()
