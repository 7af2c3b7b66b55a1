"""What `make live` reads from the environment."""

import os
from collections.abc import Callable
from pathlib import Path

from accounts.models import SnowflakeConfiguration
from sync.snowflake.session.credentials import AccessToken, Credentials, KeyPair, Password
from sync.snowflake.session.keys import make_private_key, read_private_key

Method = SnowflakeConfiguration.AuthMethod

# Said by `make live` alone, so that nobody's exported variables lead `make long` into an account.
REAL = os.environ.get("LIVE") == "true"
WANTED = {
    "LIVE_ACCOUNT": "the account identifier, organization-account",
    "LIVE_USER": "who logs in",
    "LIVE_ROLE": "with USAGE on warehouse and database, and CREATE SCHEMA on the database",
    "LIVE_WAREHOUSE": "an X-Small will do",
    "LIVE_DATABASE": "where a schema is made, and dropped in the end",
}
SECRETS = {
    "LIVE_PRIVATE_KEY_FILE": "PEM, with LIVE_PASSPHRASE where it has one",
    "LIVE_TOKEN": "a programmatic access token",
    "LIVE_PASSWORD": "where the account still takes one",
}
OPTIONAL = {
    "LIVE_ADMIN_ROLE": "a role of the user that may make roles, users, warehouses and grants; without it, what needs "
    "one is not tried",
    "LIVE_MEGABYTES": "the size of the large upload, 250 where nothing is said",
}


def missing() -> list[str]:
    """What has to be set, and is not."""
    lacking = [f"{name}: {meaning}" for name, meaning in WANTED.items() if not os.environ.get(name)]
    if not any(map(os.environ.get, SECRETS)):
        lacking.append("one of " + "; ".join(f"{name}: {meaning}" for name, meaning in SECRETS.items()))
    return lacking


def megabytes() -> int:
    """The size of the large upload; the local Snowflake shows the way with a small one."""
    return int(os.environ.get("LIVE_MEGABYTES", "250")) if REAL else 5


def secrets_given() -> dict[Method, str]:
    """The ways to log in, with their secrets as a configuration holds them; the local Snowflake takes any."""
    if not REAL:
        return {Method.KEY_PAIR: make_private_key(), Method.ACCESS_TOKEN: "a-token", Method.PASSWORD: "a-password"}
    given = {}
    if path := os.environ.get("LIVE_PRIVATE_KEY_FILE"):
        given[Method.KEY_PAIR] = read_private_key(Path(path).read_text(), os.environ.get("LIVE_PASSPHRASE", ""))
    if token := os.environ.get("LIVE_TOKEN"):
        given[Method.ACCESS_TOKEN] = token
    if password := os.environ.get("LIVE_PASSWORD"):
        given[Method.PASSWORD] = password
    return given


def credentials(user: str, method: Method, secret: str) -> Credentials:
    ways: dict[Method, Callable[[], Credentials]] = {
        Method.KEY_PAIR: lambda: KeyPair.read(user, secret),
        Method.ACCESS_TOKEN: lambda: AccessToken(secret, user),
        Method.PASSWORD: lambda: Password(user, secret),
    }
    return ways[method]()
