"""What the queue looks like: statistics and failures, for all or for one user."""

from sync.reporting.statistics.failures import failed_syncs
from sync.reporting.statistics.lines import Dimension, Line, Rollup, rollup
from sync.reporting.statistics.summary import Statistics, sync_statistics

__all__ = ["Dimension", "Line", "Rollup", "Statistics", "failed_syncs", "rollup", "sync_statistics"]
