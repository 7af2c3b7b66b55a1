"""The pages for people, and what machines ask."""

from sync.web.console.charts import Bar
from sync.web.console.probes import healthz, metrics, readyz

__all__ = ["Bar", "healthz", "metrics", "readyz"]
