"""Everything that talks to Snowflake; knows nothing of Django, and alone imports the connector.

`identifiers`, `types`, `statements`, `account` pure · `credentials`, `destination` what is needed to connect ·
`driver`, `connection`, `pool`, `failures` sessions and their errors · `staging`, `load`, `shared` from a file to rows
"""
