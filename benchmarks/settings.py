"""Production's settings, but that Snowflake's stand-in is reached without TLS."""

from config.settings import *  # noqa: F403

SILENCED_SYSTEM_CHECKS = ["sync.E011"]
