from tests.web.console.conftest import ada, login, owner, staff

__all__ = ["ada", "login", "owner", "staff"]
