"""Production has no pandas; the connector, which imports it where it is there, takes a second for that."""

raise ImportError
