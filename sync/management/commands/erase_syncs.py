"""Takes out of Snowflake all that was loaded of a user, a workflow or a run, for good."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from config.log_lines import visible
from sync.destinations import NotDoneError
from sync.errors import SyncError
from sync.load import may_land_late
from sync.management.arguments import add_dry_run
from sync.management.command import ActingCommand
from sync.management.progress import progress_told
from sync.operations import ErasedPlace, erase_results, note_erased, plan_erasure
from sync.queue import Erased, settled
from sync.reporting import as_uuid, counted, several, users_meant, workflow_meant

# Something is left that only an administrator of the account can remove.
FOR_ADMINISTRATOR = 3
_NOTHING = "Nothing was changed. To do it, add --yes."
_KEPT = (
    "Tables were dropped without Time Travel. What was deleted in shared tables can be had back for as long as the "
    "table's DATA_RETENTION_TIME_IN_DAYS says, and a permanent table's Fail-safe keeps all of it for seven days more, "
    "for Snowflake's support alone: nobody can shorten that. Copies, clones and renamed tables are not known here."
)
_GIVEN_UP = "{name}, a catalogue that was given up, is not seen from here: if it is there still, its lines are left."
_LATER = (
    "Some of it was deleted in the application so lately that a load may have been under way: run this once more after "
    "{after:%H:%M} UTC, to remove what that left."
)
_SCRIPT = (
    "-- Account {account}. The role needs OWNERSHIP of the tables. Each SELECT lists what bears our mark: drop nothing "
    "else,\n-- but the views and the catalogue that it lists, too. Then run this command with --done."
)


class Command(ActingCommand):
    help = (
        "Takes out of Snowflake all that was loaded of a user, a workflow or a run, also when their rows are gone. "
        "Without --yes nothing is changed. Exits 3 where only an administrator of the Snowflake account can do it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--user", metavar="EMAIL|UUID", help="All that is in this user's destinations.")
        whose.add_argument("--workflow", metavar="WORKFLOW_ID", help="All results of this workflow.")
        whose.add_argument("--execution", metavar="EXECUTION_ID", help="The results of this run.")
        parser.add_argument("--destination", metavar="ID", type=UUID, help="In this destination alone.")
        add_dry_run(parser)
        parser.add_argument("--yes", action="store_true", help="Do it; without, it is said what would be done.")
        done = "What was left has been removed by hand: note that."
        parser.add_argument("--done", action="store_true", help=done)

    def handle(self, *_args: Any, **options: Any) -> None:
        what = _meant(options)
        try:
            self._handle(what, options)
        except (SyncError, NotDoneError) as error:
            told = f"{error} {error.what_to_do}" if isinstance(error, NotDoneError) else str(error)
            raise CommandError(visible(told.strip())) from None

    def _handle(self, what: Erased, options: dict[str, Any]) -> None:
        planned = plan_erasure(what)
        for place in planned:
            self._say(_planned(place))
        if not planned:
            self._say("Nothing is known to be in Snowflake.")
        if options["dry_run"] or not (options["yes"] or options["done"]):
            self._say(_NOTHING)
            return
        if options["done"]:
            places = note_erased(what)
            self._say(f"Noted: nothing is left of it in {counted(len(places), 'destination')}.")
            return
        with progress_told("tables", options["verbosity"]) as progress:
            places = erase_results(what, progress=progress)
        if may_land_late(what):
            self._say(_LATER.format(after=datetime.now(UTC) + timedelta(seconds=settled())))
        self._report(places)

    def _report(self, places: list[ErasedPlace]) -> None:
        for place in places:
            if place.name:
                told = f", and {place.told} deleted" if place.told else ""
                self._say(f"{place.name}: {counted(place.tables, 'table')} dropped{told}.")
            if place.unseen:
                self._say(_GIVEN_UP.format(name=place.unseen))
            for what, error in place.refused:
                self._say(f"{what}: left. {error}")
        if places:
            self._say(_KEPT)
        for place in places:
            for account, script in place.scripts.items():
                self._say("\n".join([_SCRIPT.format(account=account or "unknown"), *script]))
        if any(place.refused for place in places):
            raise CommandError("Something is left. Mend what it says, then run it again.")
        if any(place.out_of_reach for place in places):
            raise CommandError(
                "No credentials lead to what is left: an administrator of the account has to run these statements.",
                returncode=FOR_ADMINISTRATOR,
            )

    def _say(self, line: str) -> None:
        self.stdout.write("\n".join(visible(one) for one in line.split("\n")))


def _planned(place: ErasedPlace) -> str:
    dropped = sum(left.executions is None for left in place.left)
    runs = len({one for left in place.left for one in left.executions or ()})
    among = len(place.left) - dropped
    rows = f"{counted(runs, 'run')} in {counted(among, 'shared table')}" if runs else ""
    what = ", rows of ".join(filter(None, [counted(dropped, "table"), rows]))
    what = what if place.left else "nothing is known to be loaded; the catalogue is looked at"
    where = place.name or f"The deleted destination {place.id}"
    return f"{where}: {what}" + ("." if place.name else ", for an administrator of the account to remove.")


def _meant(options: dict[str, Any]) -> Erased:
    """Raises CommandError where nobody can know who is meant."""
    if options["user"] is not None:
        return Erased("user", _user(options["user"]), options["destination"])
    if options["workflow"] is not None:
        workflow = workflow_meant(options["workflow"])
        return Erased("workflow", workflow.workflow_id if workflow else options["workflow"], options["destination"])
    return Erased("execution", options["execution"], options["destination"])


def _user(asked: str) -> str:
    found = users_meant(asked)
    if len(found) > 1:
        raise CommandError(several(asked, found), returncode=2)
    if found:
        return str(found[0].pk)
    if id_ := as_uuid(asked):
        return str(id_)
    raise CommandError(f"There is no user {asked}. If the row is gone, name the user's id (users.id).", returncode=2)
