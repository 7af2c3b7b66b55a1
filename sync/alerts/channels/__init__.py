from collections.abc import Mapping

from sync.alerts.channels.checks import check_alert_settings
from sync.alerts.channels.kind import BadFieldsError, ChannelKind, Field, entered
from sync.alerts.channels.mail import EMAIL
from sync.alerts.channels.offered import SERVICES
from sync.alerts.channels.services import kind_of
from sync.alerts.channels.teams import TEAMS
from sync.alerts.channels.webhook import WEBHOOK, rotated

KINDS: Mapping[str, ChannelKind] = {
    "email": EMAIL,
    "webhook": WEBHOOK,
    "teams": TEAMS,
    **{name: kind_of(service) for name, service in SERVICES.items()},
}

__all__ = ["KINDS", "BadFieldsError", "ChannelKind", "Field", "check_alert_settings", "entered", "rotated"]
