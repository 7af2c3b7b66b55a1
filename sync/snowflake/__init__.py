"""Everything that talks to Snowflake; knows nothing of Django, and alone imports the connector.

`identifiers`, `types`, `statements`: names, columns and SQL, pure · `session`: accounts, ways to log in, connections,
and what their errors mean · `load`: from a file to rows in a table · `warehouse`: what stands beside those · `setup`:
what an administrator runs, and the check
"""
