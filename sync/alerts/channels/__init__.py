from collections.abc import Mapping

from sync.alerts.channels.kind import ChannelKind, Field

KINDS: Mapping[str, ChannelKind] = {}

__all__ = ["KINDS", "ChannelKind", "Field"]
