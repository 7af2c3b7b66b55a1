"""A mail server at a port that is its own from the beginning."""

import asyncio
import socket
from collections.abc import Awaitable
from typing import Any

from aiosmtpd.controller import Controller


class MailServer(Controller):
    """A port that was free a moment ago may be somebody else's by now."""

    def __init__(self, handler: Any, **more: Any) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, "127.0.0.1", self._listening.getsockname()[1], ready_timeout=60, **more)

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)
