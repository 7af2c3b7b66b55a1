"""A local Snowflake: fakesnow in a process of its own, mended, recorded and open to faults.

`sandbox.snowflake.client.LocalSnowflake` starts and asks it, from any environment; `python -m sandbox.snowflake` runs
it, in its own, `.venv-snowflake`.
"""
