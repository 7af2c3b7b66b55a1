"""The set-up script as it is printed, its undo, the check, and every mend that the check prints."""

import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sync.errors import SyncError
from sync.snowflake.identifiers import Exact, qualified, quote
from sync.snowflake.session import Session
from sync.snowflake.session.credentials import KeyPair
from sync.snowflake.session.destination import Destination
from sync.snowflake.session.keys import make_private_key, public_key_of
from sync.snowflake.setup import Checked, Status, Step, check_destination
from sync.snowflake.setup.script import Setup, setup_script, undo_script
from sync.snowflake.statements import STAGE
from tests.live.account import Account


@dataclass
class Made:
    """What the script makes, and a destination that logs in as its user."""

    account: Account
    setup: Setup
    destination: Destination
    directory: Path

    def paste(self, script: str) -> None:
        """As an administrator does, all of it."""
        with self.account.session(role=Exact(self.account.admin_role)) as session:
            session.connection.execute_string(script)  # type: ignore[attr-defined]

    def check(self) -> Checked:
        return check_destination(self.destination, "live", directory=self.directory)


def of(account: Account, what: str, directory: Path) -> Made:
    """Names of this run, for a script that nobody has pasted yet."""
    key = make_private_key()
    setup = Setup(
        user=account.name(f"{what}_USER"),
        role=account.name(f"{what}_ROLE"),
        warehouse=account.name(f"{what}_WAREHOUSE"),
        database=quote(account.database),
        schema=account.name(f"{what}_SCHEMA"),
        public_key=public_key_of(key),
    )
    destination = replace(
        account.destination,
        schema=Exact(setup.schema),
        warehouse=Exact(setup.warehouse),
        role=Exact(setup.role),
        credentials=KeyPair.read(setup.user, key),
    )
    return Made(account, setup, destination, directory)


@pytest.fixture
def made(admin: Account, tmp_path: Path, request: pytest.FixtureRequest) -> Made:
    """The script has been pasted."""
    found = of(admin, f"{zlib.crc32(request.node.name.encode()):08X}", tmp_path)
    setup = found.setup
    undo = [
        f"DROP SCHEMA IF EXISTS {qualified(admin.database, setup.schema)}",
        f"DROP WAREHOUSE IF EXISTS {quote(setup.warehouse)}",
        f"DROP USER IF EXISTS {quote(setup.user)}",
        f"DROP ROLE IF EXISTS {quote(setup.role)}",
        f"DROP ROLE IF EXISTS {quote(setup.role + '_READER')}",
    ]
    admin.administer(undo=undo)
    found.paste(setup_script(setup))
    return found


def failed(report: Checked) -> Step:
    (step,) = [step for step in report.steps if step.status is Status.FAILED]
    return step


def test_a_check_passes(account: Account, tmp_path: Path) -> None:
    """Every step of a check passes, with the role of the configuration."""
    report = check_destination(account.destination, "live", directory=tmp_path)
    assert report.passed, failed(report)


def test_the_script_as_printed(made: Made) -> None:
    """The set-up script runs as it is printed, twice, and its grants are enough for every step of a check."""
    made.paste(setup_script(made.setup))
    report = made.check()
    assert report.passed, failed(report)


def test_the_reading_role_as_printed(made: Made) -> None:
    """The role to choose, without its dashes, reads tables that are made later."""
    lines = setup_script(made.setup).splitlines()
    begins = next(number for number, line in enumerate(lines) if line.startswith("-- CREATE ROLE"))
    made.paste("\n".join(line.removeprefix("-- ") for line in lines[begins:]))
    table = qualified(made.account.database, made.setup.schema, "LATER")
    session = Session(made.destination)
    session.execute(f"CREATE TABLE {table} (A VARCHAR)", "make a table")
    session.close()
    reader = Exact(made.setup.role + "_READER")
    made.account.administer(f"GRANT ROLE {quote(reader)} TO ROLE {quote(made.account.destination.role)}")
    with made.account.session(role=reader, schema=Exact(made.setup.schema)) as session:
        assert session.execute(f"SELECT * FROM {table}", "read it").rows == ()


def test_the_undo_as_printed(made: Made) -> None:
    """After the undo, as it is printed, user, role and stage are gone."""
    made.paste(undo_script(made.setup))
    with pytest.raises(SyncError):
        Session(made.destination)
    with made.account.session(role=Exact(made.account.admin_role)) as session:
        for kind, name in (("USERS", made.setup.user), ("ROLES", made.setup.role)):
            assert session.execute(f"SHOW {kind} LIKE '{name}'", "look").rows == ()
        stages = f"SHOW STAGES IN SCHEMA {qualified(made.account.database, made.setup.schema)}"
        assert session.execute(stages, "look").rows == ()


# What is taken away, and the step of the check that fails for it.
TAKEN = {
    "role": ("REVOKE ROLE {role} FROM USER {user}", "role"),
    "warehouse": ("REVOKE USAGE ON WAREHOUSE {warehouse} FROM ROLE {role}", "warehouse"),
    "database": ("REVOKE USAGE ON DATABASE {database} FROM ROLE {role}", "database"),
    "schema": ("REVOKE USAGE ON SCHEMA {schema} FROM ROLE {role}", "schema"),
    "making tables": ("REVOKE CREATE TABLE ON SCHEMA {schema} FROM ROLE {role}", "create_table"),
    "the stage's rights": ("REVOKE READ, WRITE ON STAGE {schema}.{stage} FROM ROLE {role}", "put"),
    "the stage": (
        "DROP STAGE {schema}.{stage}; REVOKE CREATE STAGE ON SCHEMA {schema} FROM ROLE {role}",
        "create_stage",
    ),
    "key": ("ALTER USER {user} UNSET RSA_PUBLIC_KEY", "log_in"),
    "user": ("ALTER USER {user} SET DISABLED = TRUE", "log_in"),
    "resuming": ("ALTER WAREHOUSE {warehouse} SUSPEND; ALTER WAREHOUSE {warehouse} SET AUTO_RESUME = FALSE", "copy"),
}


@pytest.mark.parametrize("what", TAKEN)
def test_every_mend_mends(made: Made, what: str) -> None:
    """What a check prints for a step that failed makes it pass, as it is printed."""
    taken, step = TAKEN[what]
    names = {name: quote(getattr(made.setup, name)) for name in ("user", "role", "warehouse")}
    schema = qualified(made.account.database, made.setup.schema)
    made.paste(taken.format(**names, database=quote(made.account.database), schema=schema, stage=STAGE))
    first = failed(made.check())
    assert first.name == step, first
    assert first.mend, first
    made.paste("\n".join(first.mend))
    again = made.check()
    assert again.passed, failed(again)
