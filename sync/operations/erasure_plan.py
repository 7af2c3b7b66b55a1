"""What an erasure would remove, destination by destination, and whether it would come back."""

from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.destinations import NotDoneError
from sync.errors import SyncError
from sync.load import Left, find_left
from sync.models import Workflow, WorkflowExecution
from sync.queue import Erased, excluded_now
from sync.reporting import counted
from sync.rules import latest
from sync.snowflake.erasure_statements import for_administrator
from sync.warehouse import destinations_of

# Of a workflow, so many of its latest executions are asked about.
_ASKED = 1_000


class ComesBackError(NotDoneError):
    """What is to be erased would be loaded again at once."""

    code = "comes_back"


@dataclass(slots=True)
class ErasedPlace:
    """A destination, and what is left there of what is meant; without a `configuration` its row is gone.

    Once it was erased: `tables` that were dropped, `rows` deleted in shared ones, `lines` of the catalogue;
    in `refused` what Snowflake did not let go, or could not be reached for, with the error.
    """

    id: UUID
    configuration: SnowflakeConfiguration | None
    left: list[Left]
    tables: int = 0
    rows: int = 0
    lines: int = 0
    # A catalogue that was given up, if it is not seen.
    unseen: str = ""
    refused: list[tuple[str, SyncError | NotDoneError]] = field(default_factory=list)
    # No credentials lead to these: their destination is deleted, or in another account by now.
    out_of_reach: list[Left] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is called; empty where its row is gone."""
        return str(self.configuration or "")

    def is_elsewhere(self, left: Left) -> bool:
        """Whether no credentials lead to it: its destination is deleted, or in another account by now."""
        return self.configuration is None or left.account != self.configuration.account_identifier

    @property
    def told(self) -> str:
        """What was deleted beside tables that were dropped; empty if nothing was."""
        rows = f"{counted(self.rows, 'row')} of shared tables" if self.rows else ""
        lines = f"{counted(self.lines, 'line')} of the catalogue" if self.lines else ""
        return ", ".join(filter(None, [rows, lines]))

    @property
    def is_left(self) -> bool:
        """Whether anything is there still, as far as it is known."""
        return bool(self.refused or self.out_of_reach)

    @property
    def scripts(self) -> dict[str, list[str]]:
        """By account, the statements that its administrator is to run."""
        accounts = dict.fromkeys(left.account for left in self.out_of_reach)
        return {
            account: for_administrator(
                self.id, [left.to_erase for left in self.out_of_reach if left.account == account]
            )
            for account in accounts
        }


def plan_erasure(what: Erased) -> list[ErasedPlace]:
    """What is known to be in Snowflake of what is meant, destination by destination. Changes nothing."""
    found = {id_: list(left) for id_, left in groupby(find_left(what), key=lambda left: left.configuration_id)}
    there = SnowflakeConfiguration.objects.in_bulk(found.keys() | destinations_of(what))
    here = [ErasedPlace(id_, configuration, found.get(id_, [])) for id_, configuration in there.items()]
    gone = [ErasedPlace(id_, None, left, out_of_reach=left) for id_, left in found.items() if id_ not in there]
    return here + gone


def check_stays_away(what: Erased) -> None:
    """Raises ComesBackError where further results would be loaded. Of an execution none are: its item ends."""
    if what.whose == "execution":
        return
    workflow = None
    destinations = SnowflakeConfiguration.objects.filter(is_active=True)
    if what.configuration:
        destinations = destinations.filter(pk=what.configuration)
    if what.whose == "user":
        destinations = destinations.filter(user=UUID(what.subject))
    else:
        workflow = Workflow.objects.known_as(what.subject).first()
        destinations = destinations.filter(user=workflow.user_id) if workflow else destinations.none()
    if on := [place for place in destinations if workflow is None or not _leaves_out(place, workflow)]:
        named = ", ".join(map(str, on))
        cure = "Switch it off first" if len(on) == 1 else "Switch them off first"
        rule = ", or leave the workflow out by a rule" if workflow else ""
        raise ComesBackError(f"Further results would be loaded into {named}. {cure}{rule}. Nothing was erased.")


def _leaves_out(configuration: SnowflakeConfiguration, workflow: Workflow) -> bool:
    """Whether the rules exclude all executions of the workflow, as far as its latest ones tell."""
    latest_ones = WorkflowExecution.objects.filter(workflow=workflow).order_by("-created_at", "-pk")
    ids = list(latest_ones.values_list("execution_id", flat=True)[:_ASKED])
    rules = latest(configuration.pk)
    return bool(ids and rules.scope) and len(excluded_now(configuration.pk, rules.version, ids)) == len(ids)
