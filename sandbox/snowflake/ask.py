"""`python -m sandbox.snowflake.ask ENDPOINT DATABASE SQL`: what a local Snowflake that runs answers."""

import sys

from sandbox.snowflake.client import LocalSnowflake


def main() -> None:
    local = LocalSnowflake()
    local.endpoint, database, sql = sys.argv[1:]
    with local.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        print(" | ".join(column[0] for column in cursor.description))
        for row in cursor.fetchall():
            print(" | ".join("NULL" if value is None else str(value) for value in row))


if __name__ == "__main__":
    main()
