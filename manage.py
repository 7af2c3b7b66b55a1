#!/usr/bin/env python
"""Django's command line. In development it starts the embedded PostgreSQL where DATABASE_URL names none."""

import os
import sys
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent


def main() -> None:
    environ.Env.read_env(BASE_DIR / ".env")
    if sys.argv[1:2] == ["demo"]:
        os.environ.setdefault("DEBUG", "true")
    use_embedded_postgres_in_development()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # These need the environment.
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import Error  # noqa: PLC0415

    from sync.postgres import explained  # noqa: PLC0415

    try:
        execute_from_command_line(sys.argv)
    except Error as error:
        if "--traceback" in sys.argv or not (said := explained(error)):
            raise
        sys.exit(said)


def use_embedded_postgres_in_development() -> None:
    """The product never imports the sandbox; this script may, so the choice is made here."""
    if os.environ.get("DATABASE_URL") or not environ.Env().bool("DEBUG", default=False):
        return
    data_dir = BASE_DIR / ".sandbox" / "postgres"
    try:
        if sys.argv[1:2] == ["demo"]:
            from sandbox.demo.database import fresh_demo_database  # noqa: PLC0415 - not there in production

            os.environ["DATABASE_URL"] = fresh_demo_database(data_dir)
        else:
            from sandbox.postgres import embedded_postgres  # noqa: PLC0415 - not there in production

            os.environ["DATABASE_URL"] = embedded_postgres(data_dir).url
    except ModuleNotFoundError:
        return


if __name__ == "__main__":
    main()
