from sync.worker.loop import Options, Worker

__all__ = ["Options", "Worker"]
