"""Why something that somebody asks of a destination is not done."""


class NotDoneError(Exception):
    """Nothing was done; the message says why. `code` is stable; `what_to_do` is empty if the message says it."""

    code = ""
    what_to_do = ""


class NotNowError(NotDoneError):
    """No log-in was tried, and nothing is wrong with the items."""

    code = "not_now"
    what_to_do = "Wait, or change the credentials."


class TooOftenError(NotDoneError):
    """`wait`: seconds after which the user may ask again."""

    def __init__(self, wait: float, why: str = "That was too often.") -> None:
        self.wait = wait
        super().__init__(f"{why} Try again in {wait:.0f} seconds.")


class TooManyError(NotDoneError):
    """A user has as many destinations as a user may have."""

    code = "too_many_destinations"
    what_to_do = "Delete one that is not needed, or ask the operator for more (SYNC_MAX_DESTINATIONS)."


class NoRotationError(NotDoneError):
    code = "no_rotation"
    what_to_do = "Send the request without activate first, and run its statement."

    def __init__(self) -> None:
        super().__init__("No new key is waiting.")


class ChangedMeanwhileError(NotDoneError):
    code = "changed_meanwhile"
    what_to_do = "Look at the configuration, and begin again."

    def __init__(self) -> None:
        super().__init__("Somebody else changed the credentials meanwhile; theirs stay.")


class KeyRefusedError(NotDoneError):
    """The new key could not log in: the old one stays in use."""

    code = "key_refused"

    def __init__(self, happened: str, remedy: str, statement: str) -> None:
        self.what_to_do = f"{remedy} If the key is not given to the user yet, run: {statement}"
        super().__init__(f"{happened}. The credentials that were in use stay in use.")
