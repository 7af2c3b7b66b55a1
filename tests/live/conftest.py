"""Against the local Snowflake in `make long`, against a real account in `make live`.

What a test's docstring says is claimed of Snowflake; the table at the end says what became of it.
"""

import os
from collections.abc import Generator, Iterator
from typing import cast

import pytest
from pytest_django import Settings

from sync.snowflake.identifiers import quote
from sync.snowflake.session.connection import Session
from tests.conftest import Snowflake
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.grammars import unknown
from tests.live.account import Account, local_account, real_account
from tests.live.local import CANNOT, MISREAD
from tests.live.outcome import Outcome, Verdict, table
from tests.live.settings import OPTIONAL, REAL, megabytes, missing
from tests.world import World

_OUTCOMES = pytest.StashKey[list[Outcome]]()
_NOT_UNDONE = pytest.StashKey[list[str]]()


def pytest_report_header() -> list[str]:
    if not REAL:
        return ["Against the local Snowflake. `make live` tries a real account."]
    if lacking := missing():
        pytest.exit("\n".join(["A real account needs these variables:", *lacking]), returncode=2)
    said = os.environ
    return [
        f"Against the account {said['LIVE_ACCOUNT']}, as {said['LIVE_USER']}.",
        f"It makes schemas USS_LIVE_… in {said['LIVE_DATABASE']} and, with LIVE_ADMIN_ROLE, roles, users and",
        "warehouses whose names begin like that. All of it is dropped in the end.",
        f"It keeps {said['LIVE_WAREHOUSE']} awake for about 15 minutes: a quarter of a credit, if it is an X-Small.",
        f"It uploads about {megabytes() + 50} MB.",
        *(f"Not set: {name}: {meaning}" for name, meaning in OPTIONAL.items() if not said.get(name)),
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "live" and isinstance(item, pytest.Function):
            parameters = f" [{item.callspec.id}]" if hasattr(item, "callspec") else ""
            item.user_properties.append(("claim", f"{item.function.__doc__}{parameters}"))
            if REAL:
                continue
            # What these ask of Snowflake, other tests do on the way.
            item.add_marker(pytest.mark.long)
            if why := CANNOT.get(item.originalname):
                item.add_marker(pytest.mark.xfail(reason=why, strict=True))


# The table


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if (outcome := _outcome_of(report)) and isinstance(item, pytest.Function):
        item.config.stash.setdefault(_OUTCOMES, []).append(outcome)
    return report


def _outcome_of(report: pytest.TestReport) -> Outcome | None:
    """None for the parts of a test that say nothing by themselves."""
    if report.when != "call" and report.passed:
        return None
    verdict: Verdict = "confirmed" if report.passed else "not tried" if report.skipped else "refuted"
    claim = str(dict(report.user_properties).get("claim", ""))
    return Outcome(report.nodeid.rpartition("/")[2], claim, verdict, "" if report.passed else _why(report))


def _why(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).splitlines()[0][:300]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    outcomes = config.stash.get(_OUTCOMES, [])
    if not outcomes or hasattr(config, "workerinput"):
        return
    terminalreporter.section("What was confirmed, and what was refuted")
    for line in table(outcomes):
        terminalreporter.write_line(line)
    for statement in config.stash.get(_NOT_UNDONE, []):
        terminalreporter.write_line(f"This could not be undone; run it yourself: {statement}")


# What tests ask for


@pytest.fixture(scope="session")
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    """A schema of this run alone."""
    found = real_account() if REAL else local_account(request.getfixturevalue("snowflake_server"))
    try:
        found.make_schema()
        yield found
    finally:
        left = found.tidy_up()
        request.config.stash[_NOT_UNDONE] = left if REAL else []
    assert unknown(found.sent, MISREAD) == []


@pytest.fixture(autouse=True)
def _sent(account: Account) -> Iterator[None]:
    """Notes what was sent to the local Snowflake, for the grammars: much of it a real account alone can answer."""
    yield
    account.note_what_was_sent()


@pytest.fixture
def admin(account: Account) -> Account:
    """The account, where there is a role that may make roles, users and warehouses."""
    if not account.admin_role:
        pytest.skip("LIVE_ADMIN_ROLE is not set")
    return account


@pytest.fixture
def session(account: Account) -> Iterator[Session]:
    with account.session() as opened:
        yield opened


@pytest.fixture
def world(account: Account, transactional_db: None, settings: Settings) -> World:
    """The whole way, from an application's execution through trigger, queue and worker into the account."""
    settings.SNOWFLAKE_ENDPOINT = account.destination.endpoint
    user = UserFactory.create()
    configuration = ConfigurationFactory.create(
        user=user,
        account_identifier=account.destination.account,
        username=account.destination.credentials.user,
        **{name: quote(getattr(account.destination, name)) for name in ("warehouse", "database", "schema", "role")},
    )
    configuration.set_secret(account.method, account.secret)
    configuration.save()
    # It needs no more of the account than `database` and `rows`.
    return World(cast("Snowflake", account), user, configuration, WorkflowFactory.create(user=user))
