import pytest
from pytest_django import Settings

from sync.errors import CATALOGUE, DestinationError, Kind, PermanentError, SyncError, TransientError, failure
from sync.snowflake.session.destination import Limits
from sync.snowflake.setup import LIMITS, LONGEST, TITLES
from sync.worker.host import Host
from sync.worker.lease import Lease

CLASSES = {Kind.TRANSIENT: TransientError, Kind.PERMANENT: PermanentError, Kind.DESTINATION: DestinationError}


def test_every_entry_says_what_it_means_and_what_to_do() -> None:
    for code, entry in CATALOGUE.items():
        assert entry.meaning.endswith("."), code
        assert len(entry.remedy.split()) > 3, code
        # They are stored in databases of any encoding.
        assert (entry.meaning + entry.remedy).isascii(), code
        # What has come to its end is not tried again by itself, whatever its code.
        assert "again by itself" not in entry.remedy, code
        assert entry.login_step in TITLES, code
        error = failure(code, "Execution 7 did something")
        assert error.code == code
        assert type(error) is CLASSES[entry.kind]
        assert str(error) == f"Execution 7 did something. {entry.remedy}"


def test_more_is_known_where_it_happened() -> None:
    error = failure("privilege_missing", "No INSERT on T.\n", remedy="GRANT INSERT ON T TO ROLE R;", query_id="q")
    assert isinstance(error, SyncError)
    assert str(error) == "No INSERT on T. GRANT INSERT ON T TO ROLE R;"
    assert (error.code, error.query_id) == ("privilege_missing", "q")


def test_what_there_is_to_do_depends_on_the_end() -> None:
    assert failure("upload_failed", "No answer").meanwhile.startswith("It is tried again by itself. If that does not")
    assert failure("no_results", "None").meanwhile.startswith("Newer results have come")
    paused = failure("privilege_missing", "No INSERT", remedy="GRANT INSERT ON T TO ROLE R;")
    assert paused.meanwhile == paused.remedy


@pytest.mark.parametrize(("lease", "statement"), [(360, 202), (600, 442), (758, 600)])
def test_the_remedy_of_a_time_limit_has_the_right_figures(lease: int, statement: int) -> None:
    limits = Limits.within(int(Lease(lease, 1, Host()).longest_statement))
    # Snowflake holds a request for some 45 s before it says that the statement still runs (connector, network.py).
    assert (limits.statement, limits.socket) == (statement, 60)
    remedy = CATALOGUE["statement_timeout"].remedy
    assert "SYNC_LEASE_SECONDS" in remedy
    assert str(lease) in remedy
    assert f"{statement} s" in remedy


def test_the_lease_that_is_usual_is_one_of_them(settings: Settings) -> None:
    assert settings.SYNC_LEASE_SECONDS == 360


def test_a_check_lets_a_warehouse_resume() -> None:
    assert LIMITS.statement >= 60
    assert LIMITS.statement < LONGEST
