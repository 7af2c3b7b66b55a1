"""A stand-in for Snowflake that computes nothing: it answers each statement after a fixed time, as Snowflake would.

What is measured against it is the client alone. It speaks as much of the protocol as loads need: log-in, statements,
PUT with its upload, COPY's answer with the file's number of rows. `python -m benchmarks.answering --delay 0.2` runs it.
"""

import argparse
import asyncio
import contextlib
import gzip
import io
import json
import os
import re
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote

import requests
import zstandard

_ROOT = Path(__file__).resolve().parents[1]
_STAGED = re.compile(r"'?@((?:\"[^\"]*\"|[^\s'\"()])+)")
_PUT = re.compile(r"\s*PUT\s+'?file://(?P<path>[^'\s]+)'?", re.IGNORECASE)
_COPIED = ("file", "status", "rows_parsed", "rows_loaded", "error_limit", "errors_seen", "first_error")
# There are no tables here: a look into one finds nothing, and how many rows a change touched is not said.
_UNKNOWN = frozenset({"SELECT", "INSERT", "DELETE", "MERGE"})
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
_NUMBERS = frozenset({"rows_parsed", "rows_loaded", "error_limit", "errors_seen"})


class Answering:
    """The stand-in in a process of its own; a context manager. `delay`: seconds that each statement takes."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._process: subprocess.Popen[str] | None = None
        self.endpoint = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.answering", "--delay", str(self._delay)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.endpoint = self._process.stdout.readline().strip()
        if not self.endpoint:
            raise RuntimeError("the stand-in for Snowflake did not start; see its output above")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def counts(self) -> Counter[str]:
        """How often each statement came so far, by its first words; log-ins as `LOGIN`."""
        return Counter(requests.get(f"{self.endpoint}/counts", timeout=30).json())


class App:
    """The stand-in. Its HTTP is the little that the connector speaks, by hand: a framework would take as much
    processor time an answer as a worker takes for its question.
    """

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, int] = {}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one client's requests, one after the other, until it goes."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                lines = str(await reader.readuntil(b"\r\n\r\n"), "latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                answer = json.dumps(await self._answer(lines[0].split(" ")[1], headers, body)).encode()
                writer.write(_HEAD % len(answer) + answer)
        writer.close()

    async def _answer(self, target: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        if target.startswith("/queries/v1/query-request"):
            content = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
            return await self._statement(_with_values(json.loads(content)), headers["host"])
        if target.startswith("/session/v1/login-request"):
            return await self._login()
        if target.startswith("/upload/"):
            self._rows[unquote(target.removeprefix("/upload/"))] = _count_rows(body)
            return {}
        return dict(self._counts) if target == "/counts" else {"success": True, "data": None}

    async def _login(self) -> dict[str, Any]:
        self._counts["LOGIN"] += 1
        await asyncio.sleep(self._delay)
        token = uuid.uuid4().hex
        data = {"token": token, "masterToken": token, "serverVersion": "9.0.0", "parameters": [], "sessionInfo": {}}
        return {"success": True, "data": data}

    async def _statement(self, sql: str, host: str) -> dict[str, Any]:
        put = _PUT.match(sql)
        if put and "/" not in put["path"]:
            # The connector's second request of a PUT where uploads are plain HTTP; elsewhere there is none.
            return _success(_upload(sql, put["path"], host))
        self._counts[" ".join(re.findall(r"\w+", sql)[:2]).upper()] += 1
        await asyncio.sleep(self._delay)
        if put:
            return _success(_upload(sql, put["path"], host))
        words = sql.split(None, 1)
        if words[0].upper() == "COPY":
            return _success(_table(_COPIED, [self._copied(sql)]))
        if words[0].upper() in _UNKNOWN:
            return _success(_table(("unknown",), []) | {"total": None})
        return _success(_table(("status",), [("Statement executed successfully.",)]))

    def _copied(self, sql: str) -> tuple[str | None, ...]:
        place = _place(sql)
        names = [name for name in self._rows if name.startswith(place)]
        rows = str(sum(self._rows.pop(name) for name in names))
        return place, "LOADED", rows, rows, "1", "0", None


def _with_values(content: dict[str, Any]) -> str:
    """A statement's text, with the values of its parameters in their places."""
    sql: str = content["sqlText"]
    for number in range(1, len(content.get("bindings") or {}) + 1):
        sql = sql.replace("?", content["bindings"][str(number)]["value"], 1)
    return sql


def _place(sql: str) -> str:
    """The stage and path that a PUT or COPY names."""
    found = _STAGED.search(sql)
    assert found, sql
    return found[1]


def _upload(sql: str, path: str, host: str) -> dict[str, Any]:
    """What PUT answers: where to upload, as for a stage in Google Cloud Storage, the only plain HTTP."""
    target = quote(f"{_place(sql)}/{Path(path).name}")
    return {
        "command": "UPLOAD",
        "src_locations": [path],
        "parallel": 4,
        "autoCompress": "AUTO_COMPRESS = FALSE" not in sql,
        "sourceCompression": "zstd" if "SOURCE_COMPRESSION = ZSTD" in sql else "auto_detect",
        "overwrite": True,
        "stageInfo": {
            "locationType": "GCS",
            "location": "stage/",
            "creds": {},
            "presignedUrl": f"http://{host}/upload/{target}",
        },
    }


def _table(names: tuple[str, ...], rows: list[tuple[str | None, ...]]) -> dict[str, Any]:
    """A result set in the protocol's JSON form."""
    return {
        "rowtype": [_described(name) for name in names],
        "rowset": rows,
        "total": len(rows),
        "returned": len(rows),
        "queryResultFormat": "json",
    }


def _described(name: str) -> dict[str, Any]:
    kind = {"type": "fixed", "scale": 0, "precision": 38} if name in _NUMBERS else {"type": "text", "length": 1000}
    return {"name": name, "nullable": True, "scale": None, "precision": None, "length": None, "byteLength": None} | kind


def _success(data: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "code": None, "message": None, "data": data | {"queryId": str(uuid.uuid4())}}


def _count_rows(file: bytes) -> int:
    """Lines of a compressed CSV: values with line breaks would count twice. Rows of a Parquet file."""
    if file.startswith(b"PAR1"):
        import pyarrow.parquet  # noqa: PLC0415 - for one of the peers

        return int(pyarrow.parquet.read_metadata(io.BytesIO(file)).num_rows)
    return zstandard.ZstdDecompressor().decompressobj().decompress(file).count(b"\n")


async def serve(delay: float) -> None:
    """Serves until standard input closes; prints the endpoint when ready."""
    server = await asyncio.start_server(App(delay).talk, "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await asyncio.to_thread(os.read, 0, 1)
        # There is nothing to tidy up, and asyncio would complain of connections that are cut.
        os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A stand-in for Snowflake that computes nothing.")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds that each statement takes (0.2)")
    asyncio.run(serve(parser.parse_args().delay))
