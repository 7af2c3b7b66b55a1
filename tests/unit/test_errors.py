from sync.catalogue import CATALOGUE, Kind
from sync.errors import DestinationError, PermanentError, SyncError, TransientError, failure

CLASSES = {Kind.TRANSIENT: TransientError, Kind.PERMANENT: PermanentError, Kind.DESTINATION: DestinationError}


def test_every_entry_says_what_it_means_and_what_to_do() -> None:
    for code, entry in CATALOGUE.items():
        assert code == entry.code
        assert entry.meaning.endswith("."), code
        assert len(entry.remedy.split()) > 3, code
        # What has come to its end is not tried again by itself, whatever its code.
        assert "again by itself" not in entry.remedy, code
        error = failure(code, "Execution 7 did something")
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
