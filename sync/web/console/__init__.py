"""The pages for people, and what machines ask."""

from sync.web.console.probes import healthz, metrics, readyz
from sync.web.console.signing_in import SignOutView

__all__ = ["SignOutView", "healthz", "metrics", "readyz"]
