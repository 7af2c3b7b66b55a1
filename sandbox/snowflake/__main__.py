"""`python -m sandbox.snowflake`: run the local Snowflake; its endpoint is the first line printed."""

import argparse
from pathlib import Path

from sandbox.snowflake.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.snowflake", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: one that is free")
    parser.add_argument("--log", type=Path, help="write the server's log to this file")
    parser.add_argument("--follow-stdin", action="store_true", help="exit when stdin closes")
    parser.add_argument(
        "--abandoned-after",
        type=float,
        default=300.0,
        help="idle seconds after which another session may break a transaction's locks",
    )
    given = parser.parse_args()
    serve(
        given.port,
        log=given.log,
        follow_stdin=given.follow_stdin,
        abandoned_after=given.abandoned_after,
    )


if __name__ == "__main__":
    main()
