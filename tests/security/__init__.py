"""Attacks that have been tried, and must not work."""
