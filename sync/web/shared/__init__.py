from sync.web.shared.addresses import ANYTHING
from sync.web.shared.attempts import WIDTH, tried
from sync.web.shared.confirmation import (
    COUNTING,
    DOING,
    LOAD_AGAIN,
    VERBS,
    ConfirmedForm,
    Selection,
    Verb,
    ask_or_apply,
    hidden,
    may_be_retried,
    told,
)
from sync.web.shared.datetime_field import UtcDateTimeField
from sync.web.shared.destination_form import DestinationForm
from sync.web.shared.exports import as_csv, as_json
from sync.web.shared.formatting import (
    DASH,
    STATUS_WORDS,
    age,
    ago,
    badge,
    duration,
    error_name,
    exact,
    icon,
    kind,
    number,
    rows,
    size,
    status_word,
)
from sync.web.shared.gone_by import GoneBy, gone_by
from sync.web.shared.item_query import ItemForm, ItemQuery, unknown_parameters
from sync.web.shared.sparks import curve_spark, day_spark
from sync.web.shared.zone import browsers_zone, known_zones, offered_zones

__all__ = [
    "ANYTHING",
    "COUNTING",
    "DASH",
    "DOING",
    "LOAD_AGAIN",
    "STATUS_WORDS",
    "VERBS",
    "WIDTH",
    "ConfirmedForm",
    "DestinationForm",
    "GoneBy",
    "ItemForm",
    "ItemQuery",
    "Selection",
    "UtcDateTimeField",
    "Verb",
    "age",
    "ago",
    "as_csv",
    "as_json",
    "ask_or_apply",
    "badge",
    "browsers_zone",
    "curve_spark",
    "day_spark",
    "duration",
    "error_name",
    "exact",
    "gone_by",
    "hidden",
    "icon",
    "kind",
    "known_zones",
    "may_be_retried",
    "number",
    "offered_zones",
    "rows",
    "size",
    "status_word",
    "told",
    "tried",
    "unknown_parameters",
]
