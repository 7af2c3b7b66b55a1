"""The ASGI layer in front of fakesnow: records, injects faults, de-duplicates, keeps order."""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio.to_thread
from fakesnow.server import sessions as connections

from sandbox.snowflake.answering import asked, code, failure, refusal, show_place, token_of
from sandbox.snowflake.asgi import Answered, App, Receive, Scope, Send, call, decoded, read
from sandbox.snowflake.control import Control
from sandbox.snowflake.encryption import decrypted
from sandbox.snowflake.faults import LOGIN, RENEWAL, UPLOAD, Fault, Faults
from sandbox.snowflake.log import Log
from sandbox.snowflake.meeting import Met
from sandbox.snowflake.mends import session as sessions
from sandbox.snowflake.mends import users
from sandbox.snowflake.mends.identifiers import shown
from sandbox.snowflake.mends.statements import end_transaction

_ANSWERS_KEPT = 500
# A statement that waits for a lock keeps its thread; the COMMIT that frees it needs one, too.
_THREADS = 500


class Layer:
    """Wraps fakesnow's app; one per server process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._log = Log()
        self._faults = Faults()
        self._control = Control(self._log, self._faults)
        self._order: dict[str, asyncio.Lock] = {}
        self._answers: OrderedDict[tuple[str, str], asyncio.Task[Answered]] = OrderedDict()
        self._numbers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith("/_sandbox/"):
            await (await self._control.answer(scope, await read(receive))).send(send)
        elif path == "/session/v1/login-request":
            await self._login(scope, receive, send)
        elif path == "/queries/v1/query-request":
            await self._query(scope, receive, send)
        elif path == "/queries/v1/abort-request":
            await self._abort(scope, receive, send)
        elif path == "/session/token-request":
            await self._renew(scope, receive, send)
        elif path.startswith("/fs_bucket/"):
            await self._upload(scope, receive, send)
        elif path == "/session":
            await self._session(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    # Statements

    async def _query(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read(receive)
        token = token_of(scope)
        with _busy(token):
            await self._answer_query(scope, body, token, receive, send)

    async def _answer_query(self, scope: Scope, body: bytes, token: str, receive: Receive, send: Send) -> None:
        asked_for = decoded(scope, body)
        text, request_id = str(asked_for.get("sqlText", "")), asked(scope, "requestId")
        tag = str((asked_for.get("parameters") or {}).get("QUERY_TAG", ""))
        met = self._met(text, request_id, _user(token, scope))
        if answered := await met.before():
            if code(answered):
                self._record(token, text, request_id, tag, time.monotonic(), answered)
            await answered.send(send)
            return
        if met.dropped("drop_before", receive):
            return
        task = self._once(token, request_id, lambda: self._run(scope, body, token, text, request_id, tag))
        answered = await asyncio.shield(task)
        await met.afterwards()
        if not met.dropped("drop_after", receive):
            await answered.send(send)

    def _once(self, token: str, request_id: str, run: Any) -> "asyncio.Task[Answered]":
        """A request id that is known gets the answer that it got, or will get."""
        key = (token, request_id)
        task = self._answers.get(key)
        if task is None:
            task = self._answers[key] = asyncio.create_task(run())
            while len(self._answers) > _ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return task

    async def _run(self, scope: Scope, body: bytes, token: str, text: str, request_id: str, tag: str) -> Answered:
        async with self._order.setdefault(token, asyncio.Lock()):
            started = time.monotonic()
            answered = await call(self._app, scope, body)
            if answered.status >= 500:
                answered = failure(answered)
            show_place(answered)
            self._record(token, text, request_id, tag, started, answered)
        return answered

    def _record(self, token: str, text: str, request_id: str, tag: str, started: float, answered: Answered) -> None:
        connection = connections.get(token)
        if connection is None:
            return
        session = sessions.of(connection)
        self._log.statement(
            sql=text,
            session=session.number,
            user=session.user,
            tag=tag or session.parameter("QUERY_TAG"),
            database=shown(connection.database or ""),
            seconds=round(time.monotonic() - started, 6),
            error_code=code(answered),
            request_id=request_id,
        )

    async def _abort(self, scope: Scope, receive: Receive, send: Send) -> None:
        await read(receive)
        if connection := connections.get(token_of(scope)):
            sessions.of(connection).cancel()
        await Answered.of({"success": True}).send(send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = await read(receive)
        if answered := await self._met(UPLOAD, scope["path"], "").before():
            await answered.send(send)
            return
        plain = await anyio.to_thread.run_sync(decrypted, headers, body)
        await (await call(self._app, scope, plain)).send(send)

    # Sessions

    async def _login(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read(receive)
        data = decoded(scope, body).get("data", {})
        user = data.get("LOGIN_NAME") or ""
        met = self._met(LOGIN, asked(scope, "request_id"), user)
        refused = await met.before() or self._wrong_secret(user, data)
        if refused is None and met.dropped("drop_before", receive):
            return
        answered = refused or await call(self._app, scope, body)
        session = None if refused else self._open(answered, data, scope["client"][1])
        self._log.login(
            user=user,
            account=data.get("ACCOUNT_NAME") or "",
            authenticator=data.get("AUTHENTICATOR") or "SNOWFLAKE",
            database=asked(scope, "databaseName"),
            schema=asked(scope, "schemaName"),
            session=session.number if session else None,
            parameters={k: _text(v) for k, v in data.get("SESSION_PARAMETERS", {}).items()},
            error_code=code(answered) or (str(answered.status) if answered.status != 200 else ""),
        )
        await met.afterwards()
        if not met.dropped("drop_after", receive):
            await answered.send(send)

    def _wrong_secret(self, user: str, data: dict[str, Any]) -> Answered | None:
        fault = self._faults.refused(user, data.get("PASSWORD") or "")
        if data.get("AUTHENTICATOR") == "SNOWFLAKE_JWT":
            right = users.known.lets_in(user, data.get("TOKEN") or "")
            fault = None if right else Fault(LOGIN, "error", code="390144", message="JWT token is invalid.")
        return Answered.of(refusal(fault)) if fault else None

    def _open(self, answered: Answered, data: dict[str, Any], port: int) -> sessions.Session | None:
        content = answered.json()
        token = str((content.get("data") or {}).get("token"))
        connection = connections.get(token)
        if connection is None:
            return None
        self._numbers += 1
        session = sessions.of(connection)
        session.number = self._numbers
        session.ports.add(port)
        session.user, session.account = data.get("LOGIN_NAME") or "", data.get("ACCOUNT_NAME") or ""
        session.parameters = dict(data.get("SESSION_PARAMETERS", {}))
        connection._autocommit = _text(session.parameters.get("AUTOCOMMIT", True)) == "true"
        content["data"]["sessionId"] = session.number
        content["data"]["masterToken"] = token
        answered.body = json.dumps(content).encode()
        return session

    async def _renew(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The driver asks for a new token when it is told 390112; it gets the old one."""
        await read(receive)
        token = token_of(scope)
        answered = await self._met(RENEWAL, asked(scope, "requestId"), _user(token, scope)).before()
        data = {"sessionToken": token, "masterToken": token, "validityInSecondsST": 3600}
        known = Answered.of({"data": data, "success": True})
        unknown = {"data": None, "code": "390104", "message": "Log in again.", "success": False}
        await (answered or (known if token in connections else Answered.of(unknown))).send(send)

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A session that logs out takes its open transaction back."""
        token = token_of(scope)
        connection = connections.get(token)
        if connection is not None and asked(scope, "delete"):
            session = sessions.of(connection)
            async with self._order.setdefault(token, asyncio.Lock()):
                await anyio.to_thread.run_sync(lambda: end_transaction(session, commit=False))
            self._order.pop(token, None)
        await self._app(scope, receive, send)

    # Faults

    def _met(self, text: str, request_id: str, user: str) -> Met:
        return Met(self._faults, self._log, self._faults.of(text, request_id, user), text, request_id, user)


@contextmanager
def _busy(token: str) -> Iterator[None]:
    connection = connections.get(token)
    session = sessions.of(connection) if connection is not None else None
    if session:
        session.requests += 1
    try:
        yield
    finally:
        if session:
            session.requests -= 1


def _user(token: str, scope: Scope) -> str:
    """Whose session it is; notes where it is used from."""
    connection = connections.get(token)
    if connection is None:
        return ""
    session = sessions.of(connection)
    session.ports.add(scope["client"][1])
    return session.user


def _text(value: Any) -> str:
    """A session's parameter as connector 5 sends all of them."""
    return str(value).lower() if isinstance(value, bool) else str(value)
