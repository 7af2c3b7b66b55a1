from tests.queue.conftest import claim_one, now, user, worker_id, workflow

__all__ = ["claim_one", "now", "user", "worker_id", "workflow"]
