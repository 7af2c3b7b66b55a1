from sync.web.api.documentation import NotFoundView

__all__ = ["NotFoundView"]
