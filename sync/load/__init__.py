from sync.load.batch_load import BatchLoad

__all__ = ["BatchLoad"]
