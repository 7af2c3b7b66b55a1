from sync.load.batch_load import BatchLoad
from sync.load.plans import Plans
from sync.load.record import Record

__all__ = ["BatchLoad", "Plans", "Record"]
