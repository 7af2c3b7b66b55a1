from sync.web.shared.addresses import ANYTHING, whole_number
from sync.web.shared.destination_form import DestinationForm
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
    state,
    status_word,
)
from sync.web.shared.sparks import bars_spark, curve_spark, day_spark
from sync.web.shared.zone import browsers_zone, known_zones, offered_zones

__all__ = [
    "ANYTHING",
    "DASH",
    "STATUS_WORDS",
    "DestinationForm",
    "age",
    "ago",
    "badge",
    "bars_spark",
    "browsers_zone",
    "curve_spark",
    "day_spark",
    "duration",
    "error_name",
    "exact",
    "icon",
    "kind",
    "known_zones",
    "number",
    "offered_zones",
    "rows",
    "size",
    "state",
    "status_word",
    "whole_number",
]
