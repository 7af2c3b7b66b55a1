"""Events: what the application and its users do."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.queue.machine import breaker, model, reality
from tests.queue.machine.base import RESULTS, USERS, Base, as_json, pick
from tests.queue.machine.events import event
from tests.queue.machine.state import Destination, Execution, Workflow

any_one = st.integers(0, 5)
# A trigger may be off, during a restore or swallowed; an answer may be lost.
seldom = st.integers(0, 5).map(lambda n: n == 5)
# Most of it is the first user's, so that things meet.
owners = st.sampled_from([USERS[0]] * 5 + [USERS[1]])
workflows = st.sampled_from([0] * 5 + [1, 1, 2, 3])
destinations = st.tuples(owners, st.booleans(), st.sampled_from([0, 0, 10]), st.sampled_from([True, True, True, False]))

_INSERT = """
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_rows, result_columns, created_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_UPDATE = """
UPDATE workflow_executions SET status = %s, result_rows = coalesce(%s, result_rows),
    result_columns = coalesce(%s, result_columns), updated_at = %s
WHERE execution_id = %s
"""
_DESTINATION = """
INSERT INTO snowflake_configurations (
    id, user_id, account_identifier, warehouse, database, username, password_encrypted,
    layout, min_interval, created_at
) VALUES (%s, %s, 'org-account', 'W', 'D', 'U', 'secret', %s, %s, %s);
UPDATE snowflake_sync_destination_states SET last_login_at = %s WHERE configuration_id = %s
"""


class Application(Base):
    """Executions and destinations come, change and go."""

    @initialize(
        added=st.lists(destinations, min_size=1, max_size=3),
        begun=st.lists(workflows, min_size=2, max_size=7),
    )
    def there_is_something(self, added: list[tuple[UUID, bool, int, bool]], begun: list[int]) -> None:
        for destination in added:
            self.add(*destination)
        for workflow in begun:
            self.begin(workflow, "completed", trigger_off=False)

    @event(
        3,
        workflow=workflows,
        status=st.sampled_from(["completed", "completed", "running"]),
        trigger_off=seldom,
    )
    def execution_begins(self, workflow: int, status: str, trigger_off: bool) -> None:
        if len(self.state.executions) < 8:
            self.begin(workflow, status, trigger_off=trigger_off)

    def begin(self, workflow: int, status: str, *, trigger_off: bool) -> None:
        id_ = f"e{self.next_number():03}"
        execution = Execution(id_, pick(self.state.workflows, workflow), "none", None)
        results = RESULTS[0] if status == "completed" else None
        params = [id_, execution.workflow.id, status, *as_json(results), self.now]

        def expected() -> None:
            self.state.executions[id_] = execution
            model.write(self.state, execution, status=status, results=results, trigger=not trigger_off)

        self.do(lambda: reality.run(_INSERT, params, trigger_off=trigger_off), expected)

    @event(
        6,
        which=any_one,
        what=st.sampled_from(["results", "results", "results", "runs again", "nothing"]),
        results=st.sampled_from(RESULTS),
        trigger_off=seldom,
    )
    def execution_is_written(self, which: int, what: str, results: int, trigger_off: bool) -> None:
        """With results, others or the same; to run again; or with a save that changes nothing."""
        if not self.state.executions:
            return
        execution = pick(list(self.state.executions.values()), which)
        status = {"results": "completed", "runs again": "running"}.get(what, execution.status)
        written = results if what == "results" else None
        params = [status, *as_json(written), self.now, execution.id]
        self.do(
            lambda: reality.run(_UPDATE, params, trigger_off=trigger_off),
            lambda: model.write(self.state, execution, status=status, results=written, trigger=not trigger_off),
        )

    @event(1, added=destinations)
    def destination_is_added(self, added: tuple[UUID, bool, int, bool]) -> None:
        if len(self.state.destinations) < 4:
            self.add(*added)

    def add(self, user: UUID, shares: bool, minutes: int, logged_in: bool) -> None:
        number, interval = self.next_number(), timedelta(minutes=minutes)
        destination = Destination(
            UUID(int=0x100 + number), user, number, shares=shares, min_interval=interval, logged_in=logged_in
        )
        layout, login = "per_workflow" if shares else "per_execution", self.state.began if logged_in else None
        created = self.state.began + timedelta(seconds=number)
        self.do(
            lambda: reality.run(_DESTINATION, [destination.id, user, layout, interval, created, login, destination.id]),
            lambda: self.state.destinations.append(destination),
        )

    @event(3, which=any_one, what=st.sampled_from(["switch", "switch", "switch", "change", "give", "give away"]))
    def user_changes_something(self, which: int, what: str) -> None:
        if not self.state.destinations:
            return
        destination, workflow = pick(self.state.destinations, which), pick(self.state.workflows, which)
        match what:
            case "switch":
                self.switch(destination)
            case "change":
                self.change(destination)
            case "give":
                self.give(workflow, destination.user)
            case "give away":
                self.give(workflow, None)

    def give(self, workflow: Workflow, owner: UUID | None) -> None:
        sql = "UPDATE workflows SET user_id = %s WHERE id = %s"
        self.do(lambda: reality.run(sql, [owner, workflow.id]), lambda: setattr(workflow, "owner", owner))

    def switch(self, destination: Destination) -> None:
        def expected() -> None:
            destination.active = not destination.active
            if destination.active:
                breaker.change(destination)

        sql = "UPDATE snowflake_configurations SET is_active = NOT is_active WHERE id = %s"
        self.do(lambda: reality.run(sql, [destination.id]), expected)

    def change(self, destination: Destination) -> None:
        """Other credentials."""
        params = [f"secret {self.next_number()}", destination.id]
        sql = "UPDATE snowflake_configurations SET password_encrypted = %s WHERE id = %s"
        self.do(lambda: reality.run(sql, params), lambda: breaker.change(destination))

    @event(1, which=any_one, destination=st.booleans())
    def something_is_deleted(self, which: int, destination: bool) -> None:
        if len(self.state.executions) < 3:
            return
        if destination and self.state.destinations:
            gone = pick(self.state.destinations, which)
            self.do(
                lambda: reality.run("DELETE FROM snowflake_configurations WHERE id = %s", [gone.id]),
                lambda: model.delete_destination(self.state, gone),
            )
        else:
            execution = pick(list(self.state.executions.values()), which)
            self.do(
                lambda: reality.run("DELETE FROM workflow_executions WHERE execution_id = %s", [execution.id]),
                lambda: model.delete_execution(self.state, execution),
            )
