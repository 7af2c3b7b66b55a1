"""Databases as applications have them, and what we do in them."""

from tests.installation.at_work import install
from tests.installation.databases import new_database, server

__all__ = ["install", "new_database", "server"]
