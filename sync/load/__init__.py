from sync.load.batch import run
from sync.load.record import Progress

__all__ = ["Progress", "run"]
