from sync.web.shared.addresses import ANYTHING
from sync.web.shared.attempts import WIDTH, Try, tried
from sync.web.shared.confirmation import COUNTING, VERBS, Selection, confirm, record
from sync.web.shared.formatting import DASH, age, ago, badge, duration, exact, icon, kind, number, size
from sync.web.shared.item_query import ItemForm, ItemQuery

__all__ = [
    "ANYTHING",
    "COUNTING",
    "DASH",
    "VERBS",
    "WIDTH",
    "ItemForm",
    "ItemQuery",
    "Selection",
    "Try",
    "age",
    "ago",
    "badge",
    "confirm",
    "duration",
    "exact",
    "icon",
    "kind",
    "number",
    "record",
    "size",
    "tried",
]
