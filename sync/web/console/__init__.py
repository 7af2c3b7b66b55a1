"""The pages for people, and what machines ask."""

from sync.web.console.probes import healthz, metrics, readyz

__all__ = ["healthz", "metrics", "readyz"]
