"""What rules would make of one execution, seen before anything is loaded. Nothing of it is stored or logged."""

import secrets
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from uuid import UUID

from django.db import ProgrammingError, connection
from django.views.decorators.debug import sensitive_variables
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from accounts.models import SnowflakeConfiguration, User
from sync.destinations import key_of, newest_key
from sync.errors import SyncError
from sync.load import Plans, Record
from sync.models import WorkflowExecution
from sync.operations.rules.previewed import RuleEffect, RulePreview
from sync.operations.rules.sample import after, before, effects, rows_of_rules, statistics
from sync.postgres import TooSlowError, bounded_reading, refusal
from sync.queue import decided_by
from sync.reporting import may_see_results
from sync.results import ROWS, Examined, Shape, check_encoding, check_rows, examine, shape_of, snapshot
from sync.rules import Hash, RuleSet, latest
from sync.snowflake.identifiers import IdentifierCase

# Seconds that a preview takes, about; the least that a statement has; and the rows that are looked at before all are.
PATIENCE = 8.0
_LEAST = 0.05
FIRST = 10_000

_LARGE = ("execution_parameters", "result_columns", "result_rows")


def preview_rules(
    configuration: SnowflakeConfiguration,
    execution_id: str,
    rules: RuleSet | None = None,
    *,
    user: User | None = None,
    seconds: float = PATIENCE,
) -> RulePreview:
    """What these rules, or those in force, make of an execution of the destination's owner.

    `user`: who is going to see it; None: somebody who may see everything, as on the server. What is said of rows is
    said of all, or, where that would take longer than about `seconds`, of the first ones, and of how many.

    Raises WorkflowExecution.DoesNotExist, also where the execution is not the owner's or its results are not for
    `user` to see; `rules_unreadable`; TooSlowError where not even the first rows could be read. Do not call it in a
    transaction.
    """
    deadline = time.monotonic() + seconds
    execution = _visible(execution_id, configuration.user_id, user)
    followed = latest(configuration.pk) if rules is None else rules
    return _Look(configuration, execution, followed, deadline, is_draft=rules is not None).preview()


def _visible(execution_id: str, owner_id: UUID, user: User | None) -> WorkflowExecution:
    executions = WorkflowExecution.objects.select_related("workflow").defer(*_LARGE)
    execution = executions.get(execution_id=execution_id, workflow__user_id=owner_id)
    if user is not None and not may_see_results(user, execution):
        raise WorkflowExecution.DoesNotExist
    return execution


class _Look:
    """A preview on its way: `_seen` is what was found so far, of which an error takes nothing away."""

    def __init__(
        self,
        configuration: SnowflakeConfiguration,
        execution: WorkflowExecution,
        rules: RuleSet,
        deadline: float,
        *,
        is_draft: bool,
    ) -> None:
        assert execution.workflow  # noqa: S101 - it was found by its owner
        self._configuration, self._execution, self._rules, self._deadline = configuration, execution, rules, deadline
        self._plan = rules.plan(execution.workflow.workflow_id)
        self._seen = RulePreview(
            execution.execution_id,
            execution.workflow.workflow_id,
            None if is_draft else rules.version,
            policy=self._plan.new_columns,
        )

    @property
    def _case(self) -> IdentifierCase:
        return "preserve" if self._configuration.identifier_case == "preserve" else "upper"

    def preview(self) -> RulePreview:
        try:
            with self._limit():
                execution_id = self._execution.execution_id
                self._decided_by, said = decided_by(self._rules.rules, [execution_id]).get(execution_id, (None, None))
                self._note(excluded_by=said)
                plans = Plans(self._configuration, self._rules, [self._execution], learns=False)
            with snapshot(connection, self._hash_key()) as cursor:
                self._look(cursor, plans)
        except SyncError as error:
            self._note(error=error)
        except ProgrammingError as error:
            # Rights that are missing would be missed by a load, too.
            if (told := refusal(f"Execution {self._execution.execution_id}", error)) is None:
                raise
            self._note(error=told)
        return self._seen

    @sensitive_variables()
    def _hash_key(self) -> bytes | None:
        """The key that a load would use; one that is made up where a draft is the first to ask for any."""
        if not any(isinstance(rule, Hash) for rule in self._plan.columns):
            return None
        number = self._plan.hash_key or newest_key(self._configuration)
        self._note(key="destination" if number else "made_up")
        return key_of(self._configuration.pk, number) if number else secrets.token_bytes(32)

    def _look(self, cursor: Cursor, plans: Plans) -> None:
        """Raises what a load would."""
        with self._limit():
            found = examine(cursor, [self._execution.execution_id])[self._execution.execution_id]
            came = before(self._execution.pk, found, self._plan, self._case)
            self._note(before=came, new_columns=plans.new_columns(found))
            self._note(effects=self._effects(found, {}))
            plan = plans.applied(found, Record(found.execution_id))
            shape = shape_of(cursor, found, plan, is_trial=True)
        self._look_at_rows(cursor, found, replace(shape, rows=min(shape.rows, FIRST)))
        if shape.rows > FIRST and not self._seen.error:
            with suppress(TooSlowError):
                self._look_at_rows(cursor, found, shape)

    def _look_at_rows(self, cursor: Cursor, found: Examined, shape: Shape) -> None:
        """What was found in so many rows is noted as soon as it is known. Raises what keeps them from being read."""
        with self._limit():
            check_encoding(cursor, shape)
        if len(self._seen.after.rows) < ROWS:
            with self._limit():
                self._note(after=after(cursor, shape, found, self._plan, self._case))
        with self._limit():
            try:
                check_rows(cursor, shape)
            except SyncError as error:
                self._note(error=error)
            self._note(checked=shape.rows)
        with self._limit():
            sums = statistics(cursor, shape, self._seen.after.columns, self._plan, found.rows)
            rows = rows_of_rules(cursor, found, self._plan, shape, sums.kept)
            self._note(statistics=sums)
            self._note(effects=self._effects(found, rows))

    def _effects(self, found: Examined, rows: Mapping[str, int]) -> tuple[RuleEffect, ...]:
        return effects(self._rules, found, self._seen, self._decided_by, rows)

    def _limit(self) -> AbstractContextManager[None]:
        """Statements within end by the deadline. Raises TooSlowError."""
        return bounded_reading(max(_LEAST, self._deadline - time.monotonic()))

    def _note(self, **found: object) -> None:
        self._seen = replace(self._seen, **found)  # type: ignore[arg-type]
