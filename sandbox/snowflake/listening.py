"""A server that stops listening and begins again, at one port: what it holds stays."""

import asyncio
import socket

import uvicorn


def listening(port: int) -> socket.socket:
    """A socket that listens; port 0: one that is free."""
    found = bound(port)
    found.listen(512)
    return found


def bound(port: int) -> socket.socket:
    """A socket that has the port, and refuses whoever comes there."""
    # asyncio switches off Nagle's delay, 40 ms an answer, only for sockets that say they are TCP.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", port))
    return found


class Server(uvicorn.Server):
    """uvicorn's, with `refuse` and `accept`, which may be called in any thread."""

    def __init__(self, config: uvicorn.Config, first: socket.socket) -> None:
        super().__init__(config)
        self.port: int = first.getsockname()[1]
        self._first = first

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().serve([self._first])

    def refuse(self) -> None:
        """No connection is taken from now on, and those that were are cut."""
        asyncio.run_coroutine_threadsafe(self._refuse(), self._loop).result()

    def accept(self) -> None:
        """Connections are taken again."""
        asyncio.run_coroutine_threadsafe(self._accept(), self._loop).result()

    async def _refuse(self) -> None:
        for server in self.servers:
            if server.is_serving():
                server.close()
                # Nobody else gets the port meanwhile.
                self._kept = bound(self.port)
        for protocol in list(self.server_state.connections):
            protocol.transport.abort()

    async def _accept(self) -> None:
        if not any(server.is_serving() for server in self.servers):
            self.servers = [await self._loop.create_server(self._protocol, sock=self._kept, backlog=512)]

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made
