from sync.web.shared.addresses import ANYTHING
from sync.web.shared.confirmed_form import Confirmed

__all__ = ["ANYTHING", "Confirmed"]
