"""The random faults of the local Snowflake: which, how often, and which of them are for good."""

from sandbox.snowflake.faults import LOGIN, RENEWAL, Fault
from sandbox.snowflake.records import Strike

OWN_COPY = r"^COPY INTO \S*WORKFLOW_EXECUTION_"
FOR_GOOD = "100038"


def _error(code: str, sqlstate: str, message: str, match: str = ".") -> Fault:
    return Fault(match, "error", code=code, sqlstate=sqlstate, message=message)


# With their weights. `sticky`: the driver's own repetitions meet it again, so that the outcome stays unknown.
FAULTS: list[tuple[float, Fault]] = [
    (3, Fault(".", "status", status=503)),
    (2, Fault(".", "status", status=429)),
    (1, Fault(".", "status", status=500)),
    (2, Fault(".", "delay", seconds=0.5)),
    (2, Fault(".", "delay_after", seconds=0.5)),
    (1, Fault(".", "delay", seconds=3, sticky=True)),
    (3, Fault(".", "drop_before")),
    (3, Fault(".", "drop_after")),
    (1, Fault(".", "drop_before", sticky=True)),
    (1, Fault(".", "drop_after", sticky=True)),
    (1, _error("390111", "08001", "Session no longer exists.")),
    (1, _error("390112", "08001", "Session token has expired.")),
    (1, _error("390114", "08001", "Authentication token has expired.")),
    (1, _error("000604", "57014", "SQL execution canceled")),
    (1, _error("000625", "57014", "the number of waiters exceeds the 20 statements limit", "^(COPY|DELETE|INSERT)")),
    (0.1, _error("000606", "57P03", "No active warehouse selected.", "^COPY")),
    (0.1, _error("003001", "42501", "Insufficient privileges", "^(CREATE|DELETE)")),
    (0.5, _error(FOR_GOOD, "22018", "Numeric value 'x' is not recognized", OWN_COPY)),
    (3, Fault(LOGIN, "status", status=503)),
    (2, Fault(LOGIN, "drop_before")),
    (2, Fault(LOGIN, "drop_after")),
    (1, Fault(LOGIN, "delay", seconds=2)),
    (5, _error("390114", "08001", "Authentication token has expired.", RENEWAL)),
    (5, Fault(RENEWAL, "status", status=503)),
]


def struck_for_good(strikes: list[Strike]) -> list[Strike]:
    """Those after which an execution may stay failed."""
    return [strike for strike in strikes if strike.code == FOR_GOOD]
