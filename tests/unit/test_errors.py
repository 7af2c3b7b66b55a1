from sync.catalogue import CATALOGUE, Kind
from sync.errors import DestinationError, PermanentError, SyncError, TransientError, failure

CLASSES = {Kind.TRANSIENT: TransientError, Kind.PERMANENT: PermanentError, Kind.DESTINATION: DestinationError}


def test_every_entry_says_what_it_means_and_what_to_do() -> None:
    for code, entry in CATALOGUE.items():
        assert code == entry.code
        assert entry.meaning.endswith("."), code
        assert len(entry.remedy.split()) > 3, code
        error = failure(code, "Execution 7 did something")
        assert type(error) is CLASSES[entry.kind]
        assert str(error) == f"Execution 7 did something. {entry.remedy}"


def test_more_is_known_where_it_happened() -> None:
    error = failure("privilege_missing", "No INSERT on T.\n", remedy="GRANT INSERT ON T TO ROLE R;", query_id="q")
    assert isinstance(error, SyncError)
    assert str(error) == "No INSERT on T. GRANT INSERT ON T TO ROLE R;"
    assert (error.code, error.query_id) == ("privilege_missing", "q")
