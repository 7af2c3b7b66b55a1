from sync.web.shared.addresses import ANYTHING
from sync.web.shared.attempts import WIDTH, Try, tried
from sync.web.shared.confirmed_form import Confirmed
from sync.web.shared.formatting import DASH, age, ago, badge, duration, exact, icon, kind, number, size

__all__ = [
    "ANYTHING",
    "DASH",
    "WIDTH",
    "Confirmed",
    "Try",
    "age",
    "ago",
    "badge",
    "duration",
    "exact",
    "icon",
    "kind",
    "number",
    "size",
    "tried",
]
