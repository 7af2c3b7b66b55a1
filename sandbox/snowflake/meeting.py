"""One request and the faults that it meets."""

from dataclasses import dataclass

from sandbox.snowflake.answering import dropped, refusal
from sandbox.snowflake.asgi import Answered, Receive
from sandbox.snowflake.faults import AFTERWARDS, Fault, Faults
from sandbox.snowflake.log import Log


@dataclass
class Met:
    """The faults that one request meets; each is noted when it strikes."""

    armed: Faults
    log: Log
    faults: list[Fault]
    text: str
    request_id: str
    user: str

    async def before(self) -> Answered | None:
        """What the faults answer instead of the server, after their delays."""
        first = [fault for fault in self.faults if fault.action not in AFTERWARDS]
        for fault in first:
            self._note(fault)
            if fault.seconds:
                await self.armed.wait(fault.seconds)
        for fault in first:
            if fault.action == "status":
                return Answered.of({"success": False, "message": fault.message}, fault.status)
            if fault.action == "error":
                return Answered.of(refusal(fault))
        return None

    async def afterwards(self) -> None:
        """What comes between the statement's effect and its answer."""
        for fault in self.faults:
            if fault.action in AFTERWARDS:
                self._note(fault)
                if fault.seconds:
                    await self.armed.wait(fault.seconds)

    def dropped(self, action: str, receive: Receive) -> bool:
        return dropped(self.faults, action, receive)

    def _note(self, fault: Fault) -> None:
        code = fault.code or (str(fault.status) if fault.action == "status" else "")
        self.log.strike(action=fault.action, code=code, sql=self.text, user=self.user, request_id=self.request_id)
