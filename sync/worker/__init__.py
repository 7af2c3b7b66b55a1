from sync.worker.looking import Looker
from sync.worker.loop import Options, Worker

__all__ = ["Looker", "Options", "Worker"]
