from sync.web.shared.addresses import ANYTHING
from sync.web.shared.attempts import WIDTH, tried
from sync.web.shared.confirmation import (
    COUNTING,
    DOING,
    VERBS,
    ConfirmedForm,
    Selection,
    ask_or_apply,
    hidden,
    may_be_retried,
    told,
)
from sync.web.shared.datetime_field import UtcDateTimeField
from sync.web.shared.formatting import DASH, age, ago, badge, duration, exact, icon, kind, number, rows, size
from sync.web.shared.gone_by import GoneBy, gone_by
from sync.web.shared.item_query import ItemForm, ItemQuery, unknown_parameters
from sync.web.shared.sparks import curve_spark, day_spark

__all__ = [
    "ANYTHING",
    "COUNTING",
    "DASH",
    "DOING",
    "VERBS",
    "WIDTH",
    "ConfirmedForm",
    "GoneBy",
    "ItemForm",
    "ItemQuery",
    "Selection",
    "UtcDateTimeField",
    "age",
    "ago",
    "ask_or_apply",
    "badge",
    "curve_spark",
    "day_spark",
    "duration",
    "exact",
    "gone_by",
    "hidden",
    "icon",
    "kind",
    "may_be_retried",
    "number",
    "rows",
    "size",
    "told",
    "tried",
    "unknown_parameters",
]
